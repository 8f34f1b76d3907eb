package io.github.colonnade.jobs.manifest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.PrettyPrinter;
import java.io.IOException;

/** Puts each key of the document and each entry of its lists on a line of its own. */
final class OneLineEach implements PrettyPrinter {
  private int depth;

  @Override
  public void writeRootValueSeparator(JsonGenerator json) throws IOException {
    json.writeRaw('\n');
  }

  @Override
  public void writeStartObject(JsonGenerator json) throws IOException {
    json.writeRaw('{');
    depth++;
  }

  @Override
  public void writeEndObject(JsonGenerator json, int entries) throws IOException {
    depth--;
    if (depth == 0 && entries > 0) {
      json.writeRaw('\n');
    }
    json.writeRaw('}');
  }

  @Override
  public void beforeObjectEntries(JsonGenerator json) throws IOException {
    if (depth == 1) {
      json.writeRaw("\n  ");
    }
  }

  @Override
  public void writeObjectEntrySeparator(JsonGenerator json) throws IOException {
    json.writeRaw(depth == 1 ? ",\n  " : ", ");
  }

  @Override
  public void writeObjectFieldValueSeparator(JsonGenerator json) throws IOException {
    json.writeRaw(": ");
  }

  @Override
  public void writeStartArray(JsonGenerator json) throws IOException {
    json.writeRaw('[');
    depth++;
  }

  @Override
  public void writeEndArray(JsonGenerator json, int values) throws IOException {
    if (depth == 2 && values > 0) {
      json.writeRaw("\n  ");
    }
    depth--;
    json.writeRaw(']');
  }

  @Override
  public void beforeArrayValues(JsonGenerator json) throws IOException {
    if (depth == 2) {
      json.writeRaw("\n    ");
    }
  }

  @Override
  public void writeArrayValueSeparator(JsonGenerator json) throws IOException {
    json.writeRaw(depth == 2 ? ",\n    " : ", ");
  }
}
