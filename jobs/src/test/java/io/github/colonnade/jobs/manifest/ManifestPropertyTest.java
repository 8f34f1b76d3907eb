package io.github.colonnade.jobs.manifest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ManifestPropertyTest {
  @Provide
  Arbitrary<Manifest> manifests() {
    return Manifests.any();
  }

  @Property(tries = 300)
  void whatWasWrittenIsReadBack(@ForAll("manifests") Manifest manifest) throws IOException {
    byte[] written = Manifests.write(manifest);
    Manifest read = Manifests.read(new String(written, StandardCharsets.UTF_8));
    assertEquals(manifest, read);
    assertArrayEquals(written, Manifests.write(read));
  }

  @Property(tries = 100)
  void eachEntryHasALine(@ForAll("manifests") Manifest manifest) {
    String text = new String(Manifests.write(manifest), StandardCharsets.UTF_8);
    long expected = 2 + 7; // the braces and the keys
    for (int entries :
        new int[] {
          manifest.clusters().size(), manifest.blocks().size(), manifest.rejected().size()
        }) {
      expected += entries == 0 ? 0 : entries + 1; // and the bracket that closes the list
    }
    assertEquals(expected, text.chars().filter(c -> c == '\n').count());
  }
}
