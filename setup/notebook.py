import h5py, pyvo
stars = pyvo.dal.TAPService("http://localhost:3000/tap").search("SELECT TOP 5 * FROM gaia.completesource ORDER BY phot_g_mean_mag")
links = [pyvo.dal.adhoc.DatalinkResults.from_result_url(star["access_url"]) for star in stars]
this = next(link for link in links[-1] if link.semantics == "#this")
open("stars.h5", "wb").write(this.getdataset().read())
print(*h5py.File("stars.h5"), sep="\n")
