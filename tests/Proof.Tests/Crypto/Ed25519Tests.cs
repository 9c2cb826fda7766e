using Agora.Crypto;

namespace Agora.Proof.Tests.Crypto;

public sealed class Ed25519Tests
{
    /// <summary>RFC 8032 §7.1: tests 1, 2, 3 and SHA(abc).</summary>
    public static TheoryData<string, string, string, string> Vectors => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
        {
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_vectors_of_RFC_8032_come_out(string seed, string publicKey, string message, string signature)
    {
        using var key = new Ed25519PrivateKey(Convert.FromHexString(seed));
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.Span));
        Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(Convert.FromHexString(message))));
        var verifier = new Ed25519PublicKey(key.PublicKey.Span);
        Assert.True(verifier.Verify(Convert.FromHexString(message), Convert.FromHexString(signature)));
    }

    [Fact]
    public void A_changed_bit_of_signature_or_message_does_not_verify()
    {
        using var key = new Ed25519PrivateKey(new byte[32]);
        var verifier = new Ed25519PublicKey(key.PublicKey.Span);
        var message = "message"u8.ToArray();
        var signature = key.Sign(message);
        for (var bit = 0; bit < 8 * signature.Length; bit++) Assert.False(verifier.Verify(message, Flipped(signature, bit)), $"bit {bit} of the signature");
        for (var bit = 0; bit < 8 * message.Length; bit++) Assert.False(verifier.Verify(Flipped(message, bit), signature), $"bit {bit} of the message");
        Assert.True(verifier.Verify(message, signature));
        Assert.False(verifier.Verify(message, signature[..63]));
        Assert.False(verifier.Verify(message, [.. signature, 0]));
        Assert.False(verifier.Verify(message, []));
    }

    [Fact]
    public void A_second_signature_made_by_adding_the_order_of_the_group_does_not_verify()
    {
        using var key = new Ed25519PrivateKey(new byte[32]);
        var verifier = new Ed25519PublicKey(key.PublicKey.Span);
        var signature = key.Sign("m"u8);
        byte[] order = Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        var carry = 0;
        for (var i = 0; i < 32; i++)
        {
            carry += signature[32 + i] + order[i];
            signature[32 + i] = (byte)(carry & 0xFF);
            carry >>= 8;
        }

        Assert.False(verifier.Verify("m"u8, signature));
    }

    /// <summary>All encodings of the eight points of low order that a library may read: each y, with either sign of x, and below 2²⁵⁵ once more with the prime added.</summary>
    public static TheoryData<string> LowOrder =>
    [
        "0000000000000000000000000000000000000000000000000000000000000000", "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000", "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ];

    [Theory]
    [MemberData(nameof(LowOrder))]
    public void A_public_key_of_low_order_verifies_nothing(string publicKey)
    {
        // S = 1 and R = the base point: good for whatever message multiplies the key away, one of eight or more.
        byte[] nobodys = Convert.FromHexString("58666666666666666666666666666666666666666666666666666666666666660100000000000000000000000000000000000000000000000000000000000000");
        var verifier = new Ed25519PublicKey(Convert.FromHexString(publicKey));
        for (var message = 0; message < 256; message++) Assert.False(verifier.Verify(BitConverter.GetBytes(message), nobodys), $"message {message}");
    }

    [Fact]
    public void A_public_key_has_one_spelling_and_from_the_prime_on_y_verifies_nothing()
    {
        // Of y = p + 3 … p + 18 some libraries read the points that y = 3 … 18 have: with them a key would have two names.
        for (var above = 0; above < 19; above++)
        {
            byte[] spelling = Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
            spelling[0] += (byte)above;
            Assert.False(PublicKeyRules.IsKey(spelling), $"p + {above}");
            spelling[31] |= 0x80;
            Assert.False(PublicKeyRules.IsKey(spelling), $"p + {above}, the other x");
        }

        using var key = new Ed25519PrivateKey(new byte[32]);
        Assert.True(PublicKeyRules.IsKey(key.PublicKey.Span));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void A_public_key_with_which_no_secret_is_agreed_on_or_of_a_second_spelling_is_none_of_X25519(string publicKey)
    {
        var bytes = Convert.FromHexString(publicKey);
        Assert.False(PublicKeyRules.IsAgreementKey(bytes));
        bytes[31] |= 0x80;
        Assert.False(PublicKeyRules.IsAgreementKey(bytes), "the highest bit does not count");
        using var key = new X25519PrivateKey(new byte[32]);
        Assert.True(PublicKeyRules.IsAgreementKey(key.PublicKey.Span));
    }

    [Fact]
    public void Bytes_that_are_no_point_verify_nothing_and_those_of_another_length_are_no_key()
    {
        using var key = new Ed25519PrivateKey(new byte[32]);
        byte[] noPoint = [.. Enumerable.Repeat((byte)0xFF, 32)];
        var verifier = new Ed25519PublicKey(noPoint);
        Assert.ThrowsAny<Exception>(() => new Ed25519PublicKey(new byte[31]));
        Assert.Throws<ArgumentException>(() => new Ed25519PrivateKey(new byte[33]));
        Assert.False(verifier.Verify("m"u8, key.Sign("m"u8)));
    }

    [Fact]
    public async Task One_key_signs_and_verifies_on_many_threads_at_once()
    {
        using var key = new Ed25519PrivateKey(new byte[32]);
        var verifier = new Ed25519PublicKey(key.PublicKey.Span);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                var message = BitConverter.GetBytes((n * 1_000) + i);
                Assert.True(verifier.Verify(message, key.Sign(message)));
                Assert.False(verifier.Verify("another"u8, key.Sign(message)));
            }
        })));
    }

    /// <summary>
    /// Signatures that only the key's owner could make, to have them accepted by one verifier and refused by another. The first four solve RFC 8032's equation only after it is
    /// multiplied by the cofactor: R, the key or both are off by a point of low order. The last solves it with R the neutral point.
    /// </summary>
    [Theory]
    [InlineData("ce0835d5eef35d3d7194904428ab19ee30b76afce559883b3b3542994e42af45", "00000000000000", "595199d97f1cb6f1a44b1d691807f03d3b8b7581dc21f2758639649220eb16f596221db7fe8f3405ba2d65c0320911ba1f364a8c88e413cfc98116e28f9d590c")]
    [InlineData("ce0835d5eef35d3d7194904428ab19ee30b76afce559883b3b3542994e42af45", "00000000000000", "749f41863316b929914e774e84b484576a89d638c30a6a16ada2c224858c4f57e3db2de0c7efae904078d72c985728111484b4a165e6700f830c44aee5a46100")]
    [InlineData("3deb8ca9e3d031548d729bed3aa7f3840e256888362f1ea239c189f03b281f24", "01010101010101", "ae90eb7eb0edcf1d3568a00fab2652a16d67ee8a7888f10891629152a88cddfa742c0a00e84ae3857bb47df8f2755a0a855946cfdd4e132838bd2f1c24eb4609")]
    [InlineData("3deb8ca9e3d031548d729bed3aa7f3840e256888362f1ea239c189f03b281f24", "00000000000000", "ebc1e969826f6ad43f68bded022eac4020377c2c12475b5f76c3c4acf674385e096556d50158e390179288e8e7349c7e73913549416fe2e57985d0356f70da0d")]
    [InlineData("ce0835d5eef35d3d7194904428ab19ee30b76afce559883b3b3542994e42af45", "63636363636363", "0100000000000000000000000000000000000000000000000000000000000000b2eda7fb6879b76a5862ce0819f703c292f4ce514cf6103fc4b37e464aff6403")]
    public void A_signature_that_holds_only_with_a_point_of_low_order_does_not_verify(string publicKey, string message, string signature) =>
        Assert.False(new Ed25519PublicKey(Convert.FromHexString(publicKey)).Verify(Convert.FromHexString(message), Convert.FromHexString(signature)));

    [Fact]
    public void Libsodium_is_found_here() => Assert.Null(Ed25519.Missing);

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
