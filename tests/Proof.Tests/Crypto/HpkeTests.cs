using Agora.Crypto;

namespace Agora.Proof.Tests.Crypto;

public sealed class HpkeTests
{
    private static readonly byte[] Info = Bytes("4f6465206f6e2061204772656369616e2055726e");
    private static readonly byte[] Plaintext = Bytes("4265617574792069732074727574682c20747275746820626561757479");
    private static readonly byte[] Ephemeral = Bytes("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11");
    private static readonly byte[] Recipient = Bytes("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d");

    /// <summary>RFC 9180, the test vectors in JSON that it points at: mode 0, KEM 0x0020, KDF 0x0001, AEAD 0x0002, the first encryption.</summary>
    [Fact]
    public void The_vector_of_RFC_9180_comes_out_both_ways()
    {
        using var ephemeral = new X25519PrivateKey(Ephemeral);
        using var recipient = new X25519PrivateKey(Recipient);
        Assert.Equal("430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c", Convert.ToHexStringLower(recipient.PublicKey.Span));

        var (encapsulated, ciphertext) = Hpke.Seal(ephemeral, recipient.PublicKey.Span, Info, "Count-0"u8, Plaintext)!.Value;

        Assert.Equal("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256", Convert.ToHexStringLower(encapsulated));
        Assert.Equal("e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a", Convert.ToHexStringLower(ciphertext));
        Assert.Equal(Plaintext, Hpke.Open(recipient, encapsulated, Info, "Count-0"u8, ciphertext));
    }

    /// <summary>RFC 9180 A.1.1: the secret of the KEM, which is the same whatever encrypts with it.</summary>
    [Fact]
    public void The_secret_of_the_KEM_in_appendix_A_comes_out_on_both_sides()
    {
        using var ephemeral = new X25519PrivateKey(Bytes("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"));
        using var recipient = new X25519PrivateKey(Bytes("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"));
        var (sent, received) = (ephemeral.PublicKey.ToArray(), recipient.PublicKey.ToArray());

        Assert.Equal("fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc", Convert.ToHexStringLower(Hpke.Shared(ephemeral, received, sent, received)!));
        Assert.Equal("fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc", Convert.ToHexStringLower(Hpke.Shared(recipient, sent, sent, received)!));
    }

    [Fact]
    public void What_is_changed_or_was_for_another_purpose_or_key_does_not_open()
    {
        using var recipient = new X25519PrivateKey(Recipient);
        using var other = new X25519PrivateKey(Ephemeral);
        var (encapsulated, ciphertext) = Hpke.Seal(recipient.PublicKey.Span, Info, [], Plaintext)!.Value;

        Assert.Equal(Plaintext, Hpke.Open(recipient, encapsulated, Info, [], ciphertext));
        Assert.Null(Hpke.Open(other, encapsulated, Info, [], ciphertext));
        Assert.Null(Hpke.Open(recipient, encapsulated, [], [], ciphertext));
        Assert.Null(Hpke.Open(recipient, encapsulated, Info, [1], ciphertext));
        Assert.Null(Hpke.Open(recipient, encapsulated, Info, [], ciphertext.AsSpan(1)));
        Assert.Null(Hpke.Open(recipient, encapsulated.AsSpan(1), Info, [], ciphertext));
        Assert.Null(Hpke.Open(recipient, new byte[32], Info, [], ciphertext));
        for (var bit = 0; bit < 8 * ciphertext.Length; bit++) Assert.Null(Hpke.Open(recipient, encapsulated, Info, [], Flipped(ciphertext, bit)));
        for (var bit = 0; bit < 8 * encapsulated.Length; bit++) Assert.Null(Hpke.Open(recipient, Flipped(encapsulated, bit), Info, [], ciphertext));
    }

    [Fact]
    public void No_two_seals_are_alike_and_to_a_key_of_low_order_there_is_none()
    {
        using var recipient = new X25519PrivateKey(Recipient);
        var (one, two) = (Hpke.Seal(recipient.PublicKey.Span, Info, [], Plaintext)!.Value, Hpke.Seal(recipient.PublicKey.Span, Info, [], Plaintext)!.Value);

        Assert.NotEqual(one.Encapsulated, two.Encapsulated);
        Assert.NotEqual(one.Ciphertext, two.Ciphertext);
        Assert.Null(Hpke.Seal(new byte[32], Info, [], Plaintext));
    }

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << bit % 8);
        return flipped;
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);
}
