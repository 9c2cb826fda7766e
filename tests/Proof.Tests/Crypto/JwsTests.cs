using System.Buffers.Text;
using System.Text;
using Agora.Crypto;

namespace Agora.Proof.Tests.Crypto;

public sealed class JwsTests
{
    private const string Type = "test+jwt";

    // RFC 8037 appendix A: the key, its thumbprint, and the signature over a token without a kid.
    private static readonly byte[] Seed = Base64Url.DecodeFromChars("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    private readonly Ed25519PrivateKey _key = new(Seed);

    [Fact]
    public void The_key_of_RFC_8037_has_its_thumbprint_and_its_signature()
    {
        var jwk = new Jwk(_key.PublicKey);
        Assert.Equal("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", jwk.KeyId);
        Assert.Equal("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", (string?)jwk.Document()["x"]);
        var signed = Encoding.ASCII.GetBytes("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
        Assert.Equal("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg", Base64Url.EncodeToString(_key.Sign(signed)));
    }

    [Fact]
    public void A_token_verifies_and_says_what_was_signed()
    {
        var verified = Verify(Jws.Sign(Type, "{}"u8, _key));
        Assert.Equal("{}", Encoding.UTF8.GetString(verified!.Payload.Span));
        Assert.Equal(new Jwk(_key.PublicKey).KeyId, verified.KeyId);
    }

    [Fact]
    public void Any_changed_character_does_not_verify()
    {
        var token = Jws.Sign(Type, "{\"a\":1}"u8, _key);
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var other in "Aa0_.= ")
            {
                if (other != token[i])
                {
                    Assert.Null(Verify(token[..i] + other + token[(i + 1)..]));
                }
            }
        }
    }

    [Theory]
    [InlineData("""{"alg":"none","typ":"test+jwt","kid":"K"}""")]
    [InlineData("""{"alg":"HS256","typ":"test+jwt","kid":"K"}""")]
    [InlineData("""{"alg":"EdDSA","typ":"other+jwt","kid":"K"}""")]
    [InlineData("""{"alg":"EdDSA","typ":"test+jwt"}""")]
    [InlineData("""{"alg":"EdDSA","typ":"test+jwt","kid":"another"}""")]
    [InlineData("""{"alg":"EdDSA","typ":"test+jwt","kid":"K","crit":["b64"],"b64":false}""")]
    [InlineData("""{"alg":7,"typ":"test+jwt","kid":"K"}""")]
    [InlineData("[]")]
    [InlineData("no json")]
    public void A_header_that_asks_for_anything_else_does_not_verify_however_well_it_is_signed(string header)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.Replace("\"K\"", $"\"{new Jwk(_key.PublicKey).KeyId}\"", StringComparison.Ordinal)))}.e30";
        Assert.Null(Verify($"{signed}.{Base64Url.EncodeToString(_key.Sign(Encoding.ASCII.GetBytes(signed)))}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("\u00e9.e30.e30")]
    public void What_is_no_token_does_not_verify(string token) => Assert.Null(Verify(token));

    private JwsContent? Verify(string token) => Jws.Verify(token, Type, id => new Jwk(_key.PublicKey) is var jwk && jwk.KeyId == id ? jwk : null);
}
