using Agora.Crypto;

namespace Agora.Proof.Tests.Crypto;

public sealed class X25519Tests
{
    /// <summary>RFC 7748 §5.2: private key, public key, secret.</summary>
    [Theory]
    [InlineData("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d", "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493", "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")]
    public void The_vectors_of_RFC_7748_come_out(string key, string publicKey, string secret)
    {
        using var own = new X25519PrivateKey(Convert.FromHexString(key));
        Assert.Equal(secret, Convert.ToHexStringLower(own.SharedSecret(Convert.FromHexString(publicKey))!));
    }

    /// <summary>RFC 7748 §6.1: Bob's private key, the public key that it has, Alice's, and what they agree on.</summary>
    [Fact]
    public void Bob_agrees_with_Alice_on_the_secret_that_RFC_7748_says()
    {
        using var bob = new X25519PrivateKey(Convert.FromHexString("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));

        Assert.Equal("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", Convert.ToHexStringLower(bob.PublicKey.Span));
        Assert.Equal("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Convert.ToHexStringLower(bob.SharedSecret(Convert.FromHexString("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))!));
    }

    /// <summary>RFC 7748 §5.2: 1,000 times, the secret is the next private key, the last private key the next public one.</summary>
    [Fact]
    public void A_thousand_agreements_after_another_end_at_the_secret_of_RFC_7748()
    {
        var (key, other) = (new byte[32], new byte[32]);
        (key[0], other[0]) = (9, 9);
        for (var i = 0; i < 1_000; i++)
        {
            using var own = new X25519PrivateKey(key);
            (other, key) = (key, own.SharedSecret(other)!);
        }

        Assert.Equal("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", Convert.ToHexStringLower(key));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("00")]
    public void With_a_key_of_low_order_or_of_another_length_there_is_no_secret(string publicKey)
    {
        using var own = new X25519PrivateKey(Convert.FromHexString("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        Assert.Null(own.SharedSecret(Convert.FromHexString(publicKey)));
    }

    [Fact]
    public void A_private_key_has_32_bytes() => Assert.Throws<ArgumentException>(() => new X25519PrivateKey(new byte[31]));
}
