using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Client.Http;
using Agora.Crypto;

namespace Agora.Clients.Tests.CSharp;

/// <summary>Receipts, checked offline. Of Ed25519 itself tests/Proof.Tests has the vectors.</summary>
public sealed class ReceiptTests
{
    private const string Type = "agora-receipt+jwt";
    private static readonly Ed25519PrivateKey Key = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static readonly byte[] Claims = """{"iss":"agora","run_id":"r1","amount_micros":20000}"""u8.ToArray();
    private static readonly JsonElement Jwks = Set(new Jwk(Key.PublicKey).Document());

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
            $"{Base64Url.EncodeToString("""{"alg":"EdDSA","typ":"agora-receipt+jwt","kid":"\ud800"}"""u8)}.{parts[1]}.{parts[2]}", // text that is not Unicode
            Jws.Sign(Type, """{"iss":"\ud800"}"""u8, Key),
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
}
