package io.github.colonnade.connectors.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.colonnade.connectors.io.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Reads one JSON object: no duplicate keys, no deep nesting, UTF-8 only, nothing after it. */
final class StrictJson {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Tensor names are many and seen once: a shared table of them only grows.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(16)
                  .maxNameLength(1 << 16)
                  .maxStringLength((int) SafetensorsHeader.MAX_HEADER_BYTES)
                  .build())
          .build();

  /** What is to be done with the fields of the object. */
  interface Body {
    /** Called after the opening brace; reads up to and including the closing one. */
    void read(JsonParser json) throws IOException;
  }

  private StrictJson() {}

  /**
   * A text of the object, if it could be written again: an escape for half a character cannot.
   *
   * @throws FormatException if it could not
   */
  static String checked(String source, String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw FormatException.of(source, text, "its name or value has half a character; rename it");
    }
    return text;
  }

  /**
   * Reads the object in {@code in}.
   *
   * @param what names the text in messages, as in "header"
   * @throws FormatException if the text is no such object
   */
  static void read(String source, String what, InputStream in, Body body) throws IOException {
    InputStreamReader text =
        new InputStreamReader(
            in,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw FormatException.of(source, "its " + what + " is no JSON object; the file is corrupt");
      }
      body.read(json);
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw FormatException.of(
            source, "its " + what + " does not end with its JSON object; the file is corrupt");
      }
    } catch (JsonProcessingException e) {
      throw FormatException.of(
              source,
              "its " + what + " is not valid JSON (" + e.getOriginalMessage() + "); get it again")
          .causedBy(e);
    } catch (CharacterCodingException e) {
      throw FormatException.of(source, "its " + what + " is not valid UTF-8; get the file again")
          .causedBy(e);
    }
  }
}
