# The doors to set-up; the work is done in setup/.

export DATA PORT N SEED

help:
	@echo 'make demo                 a working archive at http://localhost:3000'
	@echo 'make demo DATA=folder     the same with the keyed HDF5 files of that folder'
	@echo 'make demo PORT=3001       the same on another port'
	@echo 'make stop                 ends it; the data are kept'
	@echo 'make test                 runs every test'
	@echo 'make bench                measures the release build side by side with psql'
	@echo 'make bench ONLY=formats   only parts of that; PEER=http://…/tap measures another service too'
	@echo 'make fuzz N=10000000      gives so many changed queries to the parser'
	@echo 'make topcat               has TOPCAT itself use the demo archive, and takes pictures'
	@echo 'make services             only PostgreSQL and Redis, for work by hand'
	@echo 'make build | lint | clean'

demo:
	@setup/demo.sh

test:
	@setup/test.sh

bench:
	@setup/bench.sh

fuzz:
	@setup/fuzz.sh

topcat:
	@setup/topcat.sh

stop:
	@setup/stop.sh

services:
	@setup/services.sh

build:
	@setup/build.sh

lint:
	@setup/lint.sh

clean:
	@setup/clean.sh

.PHONY: help demo test bench fuzz topcat stop services build lint clean
