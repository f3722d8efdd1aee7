// libxml2's SAX interface: it streams whatever the size of a text, where its reader keeps each text whole.
#pragma once

#include <libxml/xmlversion.h>
// ICU's headers clash with those of Foundation's own copy; nothing that is used here depends on them.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

// The macro's type does not reach Swift.
static const unsigned int ALMAGEST_SAX2 = XML_SAX2_MAGIC;

// No network, no files, and no entity but the five of XML itself.
static inline void almagest_xml_guard(xmlParserCtxtPtr context) {
    xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_NOWARNING | XML_PARSE_NOERROR);
}

// Bytes that were handed over and that the parser could not work on yet.
static inline long almagest_xml_waiting(xmlParserCtxtPtr context) {
    return context->input ? (long)(context->input->end - context->input->cur) : 0;
}
