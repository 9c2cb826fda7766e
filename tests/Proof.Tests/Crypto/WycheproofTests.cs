using System.Security.Cryptography;
using System.Text.Json;
using Agora.Crypto;

namespace Agora.Proof.Tests.Crypto;

/// <summary>Project Wycheproof's vectors: what some library once took, or refused, wrongly.</summary>
public sealed class WycheproofTests
{
    [WycheproofFact]
    public void Every_vector_of_Ed25519_comes_out_as_it_says() => Each("ed25519_test.json", (group, test) =>
    {
        var key = new Ed25519PublicKey(Bytes(group.GetProperty("publicKey"), "pk"));
        return key.Verify(Bytes(test, "msg"), Bytes(test, "sig")) == IsValid(test);
    });

    /// <summary>"Acceptable" are keys on the twist, of a second spelling and of low order (RFC 7748 leaves the last to us): all but the last have their secret.</summary>
    [WycheproofFact]
    public void Every_vector_of_X25519_has_its_secret_but_for_keys_of_low_order_which_have_none() => Each("x25519_test.json", (_, test) =>
    {
        using var key = new X25519PrivateKey(Bytes(test, "private"));
        var secret = key.SharedSecret(Bytes(test, "public"));
        return test.GetProperty("flags").EnumerateArray().Any(flag => flag.GetString() == "ZeroSharedSecret") ? secret is null : Bytes(test, "shared").AsSpan().SequenceEqual(secret);
    });

    [WycheproofFact]
    public void Every_vector_of_AES_GCM_with_our_sizes_opens_and_seals_as_it_says_and_others_are_not_taken() => Each("aes_gcm_test.json", (group, test) =>
    {
        var (key, nonce, associated, plaintext) = (Bytes(test, "key"), Bytes(test, "iv"), Bytes(test, "aad"), Bytes(test, "msg"));
        byte[] ciphertext = [.. Bytes(test, "ct"), .. Bytes(test, "tag")];
        if (group.GetProperty("keySize").GetInt32() != 256 || group.GetProperty("ivSize").GetInt32() != 96)
        {
            return Assert.ThrowsAny<ArgumentException>(() => Aes256Gcm.Open(key, nonce, associated, ciphertext)) is not null;
        }

        return IsValid(test)
            ? plaintext.AsSpan().SequenceEqual(Aes256Gcm.Open(key, nonce, associated, ciphertext)) && Aes256Gcm.Seal(key, nonce, associated, plaintext).AsSpan().SequenceEqual(ciphertext)
            : Aes256Gcm.Open(key, nonce, associated, ciphertext) is null;
    });

    /// <summary>.NET's own, which HPKE and sealed messages go by.</summary>
    [WycheproofFact]
    public void Every_vector_of_HKDF_comes_out_as_it_says() => Each("hkdf_sha256_test.json", (_, test) =>
    {
        var (keying, salt, info, size) = (Bytes(test, "ikm"), Bytes(test, "salt"), Bytes(test, "info"), test.GetProperty("size").GetInt32());
        return IsValid(test)
            ? HKDF.DeriveKey(HashAlgorithmName.SHA256, keying, size, salt, info).AsSpan().SequenceEqual(Bytes(test, "okm"))
            : Assert.ThrowsAny<ArgumentException>(() => HKDF.DeriveKey(HashAlgorithmName.SHA256, keying, size, salt, info)) is not null;
    });

    private static void Each(string file, Func<JsonElement, JsonElement, bool> comesOut)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(WycheproofFactAttribute.Root!, file)));
        var count = 0;
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                Assert.True(comesOut(group, test), $"vector {test.GetProperty("tcId")}: {test.GetProperty("comment")}");
                count++;
            }
        }

        Assert.Equal(document.RootElement.GetProperty("numberOfTests").GetInt32(), count);
    }

    private static bool IsValid(JsonElement test) => test.GetProperty("result").GetString() == "valid";

    private static byte[] Bytes(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}

/// <summary>Where the vectors are: WYCHEPROOF, else <c>shared/wycheproof</c> beside the repository; skipped by name where they are not.</summary>
internal sealed class WycheproofFactAttribute : FactAttribute
{
    public WycheproofFactAttribute() => Skip = Root is null ? "the vectors of Project Wycheproof are not here: set WYCHEPROOF to the directory that has ed25519_test.json" : null;

    public static string? Root { get; } = Environment.GetEnvironmentVariable("WYCHEPROOF") is { Length: > 0 } given ? given : Above(AppContext.BaseDirectory).FirstOrDefault(Directory.Exists);

    private static IEnumerable<string> Above(string directory)
    {
        for (var at = new DirectoryInfo(directory).Parent; at is not null; at = at.Parent) yield return Path.Combine(at.FullName, "shared", "wycheproof");
    }
}
