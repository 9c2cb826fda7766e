using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Client.Http;
using Agora.Crypto;

namespace Agora.Clients.Tests.CSharp;

/// <summary>Signatures and receipts, checked without the library that makes them.</summary>
public sealed class ReceiptTests
{
    private const string Type = "agora-receipt+jwt";
    private static readonly Ed25519PrivateKey Key = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static readonly byte[] Claims = """{"iss":"agora","run_id":"r1","amount_micros":20000}"""u8.ToArray();
    private static readonly JsonElement Jwks = Set(new Jwk(Key.PublicKey).Document());

    /// <summary>RFC 8032 section 7.1, vectors 1 to 3.</summary>
    [Theory]
    [InlineData("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void The_vectors_of_RFC_8032_are_good(string key, string message, string signature)
    {
        Assert.True(Ed25519Verifier.Verify(Bytes(key), Bytes(message), Bytes(signature)));
        Assert.False(Ed25519Verifier.Verify(Bytes(key), [.. Bytes(message), 1], Bytes(signature)));
    }

    [WycheproofFact]
    public void Each_vector_of_Wycheproof_has_its_result()
    {
        foreach (var group in JsonNode.Parse(File.ReadAllText(WycheproofFactAttribute.Vectors!))!["testGroups"]!.AsArray())
        {
            var key = Bytes((string)group!["publicKey"]!["pk"]!);
            Assert.All(group["tests"]!.AsArray(), one =>
                Assert.Equal((string?)one!["result"] == "valid", Ed25519Verifier.Verify(key, Bytes((string)one["msg"]!), Bytes((string)one["sig"]!))));
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void A_key_of_low_order_or_with_a_second_spelling_is_none(string key) => Assert.False(Ed25519Verifier.IsKey(Bytes(key)));

    [Fact]
    public void What_was_signed_is_told() => Assert.Equal("r1", Receipts.Verify(Jws.Sign(Type, Claims, Key), Jwks, "agora").GetProperty("run_id").GetString());

    [Fact]
    public void A_receipt_of_play_money_is_none_of_money_and_none_of_money_is_one_of_play_money()
    {
        var (money, play) = (Jws.Sign(Type, Claims, Key), Jws.Sign("agora-test-receipt+jwt", Claims, Key));

        Assert.Equal("r1", Receipts.Verify(play, Jwks, test: true).GetProperty("run_id").GetString());
        Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify(play, Jwks));
        Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify(money, Jwks, test: true));
    }

    [Theory]
    [InlineData("test_k", null, true)]
    [InlineData("agk2_test_default.a.r.c", null, true)]
    [InlineData(null, "agt_shop-1_t3~s.1.m", true)]
    [InlineData("agk2_live_default.test_.r.c", null, false)]
    [InlineData(null, "agt_test_s.1.m", false)]
    [InlineData("platform_test_", null, false)]
    public async Task An_agent_is_of_test_mode_by_its_own_credential(string? key, string? token, bool isTest)
    {
        await using var agent = new AgoraAgent(new() { Key = key, Token = token });

        Assert.Equal(isTest, agent.IsTest);
    }

    [Fact]
    public void What_is_changed_in_any_part_is_refused()
    {
        using var other = new Ed25519PrivateKey(new byte[32]);
        var (good, changed) = (Jws.Sign(Type, Claims, Key), Jws.Sign(Type, """{"iss":"agora"}"""u8, Key).Split('.'));
        var parts = good.Split('.');
        string[] wrong =
        [
            $"{parts[0]}.{changed[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.{changed[2]}", $"{parts[0]}.{parts[1]}", $"{good}.", $"{good}=", "", $"{parts[0]}.{parts[1]}é.{parts[2]}",
            Jws.Sign("JWT", Claims, Key), Jws.Sign(Type, Claims, other),
        ];
        Assert.All(wrong, token => Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify(token, Jwks)));
        Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify(good, Jwks, "https://other.example"));

        var misnamed = new Jwk(other.PublicKey).Document();
        misnamed["kid"] = new Jwk(Key.PublicKey).KeyId;
        Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify(good, Set(misnamed)));
    }

    [Fact]
    public void A_key_set_cannot_misname_a_key_nor_name_one_for_which_anyone_could_sign()
    {
        using var other = new Ed25519PrivateKey(new byte[32]);
        var (kid, misnamed) = (new Jwk(Key.PublicKey).KeyId, new Jwk(other.PublicKey).Document());
        misnamed["kid"] = kid;
        Assert.Contains("of that name", Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify(Signed($$"""{"alg":"EdDSA","typ":"{{Type}}","kid":"{{kid}}"}""", other), Set(misnamed))).Message, StringComparison.Ordinal);

        var low = new Jwk((byte[])[1, .. new byte[31]]);
        Assert.Contains("nobody's", Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify(Signed($$"""{"alg":"EdDSA","typ":"{{Type}}","kid":"{{low.KeyId}}"}""", Key), Set(low.Document()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_wants_to_be_understood_in_another_way_is_refused()
    {
        var kid = new Jwk(Key.PublicKey).KeyId;
        Assert.Equal("r1", Receipts.Verify(Signed($$"""{"alg":"EdDSA","typ":"{{Type}}","kid":"{{kid}}"}""", Key), Jwks).GetProperty("run_id").GetString());

        Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify(Signed($$"""{"alg":"EdDSA","typ":"{{Type}}","kid":"{{kid}}","crit":["exp"]}""", Key), Jwks));
        Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify(Signed($$"""{"alg":"none","typ":"{{Type}}","kid":"{{kid}}"}""", Key), Jwks));
    }

    [Fact]
    public void A_receipt_has_one_spelling()
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var good = Jws.Sign(Type, Claims, Key);

        // The last four bits are of no byte.
        Assert.Throws<ReceiptInvalidException>(() => Receipts.Verify($"{good[..^1]}{Letters[Letters.IndexOf(good[^1], StringComparison.Ordinal) ^ 1]}", Jwks));
    }

    [Fact]
    public async Task A_receipt_of_another_run_is_refused()
    {
        var receipt = Scripted.Ok(JsonSerializer.Serialize(new { run_id = "r1", receipt = Jws.Sign(Type, Claims, Key) }));
        await using var agent = new AgoraAgent(new() { Url = new("http://server.test"), Token = "t", Handler = new Scripted(receipt, (HttpStatusCode.OK, Jwks.GetRawText()), receipt) });

        Assert.Equal("r1", (await agent.Receipt("r1")).Claims.GetProperty("run_id").GetString());
        await Assert.ThrowsAsync<ReceiptInvalidException>(() => agent.Receipt("r2"));
    }

    private static string Signed(string header, Ed25519PrivateKey key)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Claims)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static JsonElement Set(JsonObject key) => JsonSerializer.SerializeToElement(new JsonObject { ["keys"] = new JsonArray(key) });

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);
}

/// <summary>Where the vectors are: WYCHEPROOF, else <c>shared/wycheproof</c> beside the repository; skipped by name where they are not.</summary>
public sealed class WycheproofFactAttribute : FactAttribute
{
    public WycheproofFactAttribute() => Skip = Vectors is null ? "the vectors of Wycheproof are not here" : null;

    public static string? Vectors { get; } = Places().Select(place => Path.Combine(place, "ed25519_test.json")).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Places()
    {
        if (Environment.GetEnvironmentVariable("WYCHEPROOF") is { } named)
        {
            yield return named;
        }

        for (var at = new DirectoryInfo(AppContext.BaseDirectory).Parent; at is not null; at = at.Parent) yield return Path.Combine(at.FullName, "shared", "wycheproof");
    }
}
