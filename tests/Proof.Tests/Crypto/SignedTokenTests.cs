using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Crypto.Tokens;

namespace Agora.Proof.Tests.Crypto;

/// <summary>Tokens that others have signed: the examples of RFC 7515 and RFC 8037, and keys that are none.</summary>
public sealed class SignedTokenTests
{
    // RFC 7515 appendix A.2.
    private const string Modulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    private const string Rs256 =
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    // Appendix A.3.
    private const string X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    private const string Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    private const string Es256 =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    [Fact]
    public void The_examples_of_RFC_7515_verify_and_with_any_part_changed_do_not()
    {
        foreach (var (text, jwk) in new[] { (Rs256, $$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQAB"}"""), (Es256, $$"""{"kty":"EC","crv":"P-256","x":"{{X}}","y":"{{Y}}"}""") })
        {
            var (key, token) = (Key(jwk)!, SignedToken.Parse(text)!);
            Assert.True(token.IsSignedBy(key));
            Assert.Equal("joe", token.Claims.GetProperty("iss").GetString());
            var parts = text.Split('.');
            var other = $"{parts[0]}.{parts[1].Replace("qb2Ui", "qb2Yi", StringComparison.Ordinal)}.{parts[2]}";
            Assert.NotEqual(text, other);
            Assert.False(SignedToken.Parse(other)!.IsSignedBy(key));
            Assert.False(SignedToken.Parse($"{parts[0]}.{parts[1]}.{parts[2][4..]}")!.IsSignedBy(key));
        }
    }

    [Fact]
    public void A_token_is_verified_by_the_algorithm_of_the_key()
    {
        var rsa = Key($$"""{"kty":"RSA","n":"{{Modulus}}","e":"AQAB"}""")!;

        Assert.False(SignedToken.Parse(Es256)!.IsSignedBy(rsa));
        Assert.Empty(Keys($$"""{"keys":[{"kty":"RSA","n":"{{Modulus}}","e":"AQAB"}]}""")!.Of("ES256", null));
        Assert.Empty(Keys($$"""{"keys":[{"kty":"RSA","n":"{{Modulus}}","e":"AQAB"}]}""")!.Of("none", null));
    }

    [Theory]
    [InlineData("""{"kty":"RSA","n":"MODULUS","e":"AQAB","use":"enc"}""")]
    [InlineData("""{"kty":"RSA","n":"MODULUS","e":"AQAB","use":1}""")]
    [InlineData("""{"kty":"RSA","n":"MODULUS","e":"AQAB","alg":"RS1"}""")]
    [InlineData("""{"kty":"RSA","n":"MODULUS","e":"AQAB","alg":"HS256"}""")]
    [InlineData("""{"kty":"RSA","n":"MODULUS"}""")]
    [InlineData("""{"kty":"RSA","n":"MODULUS","e":""}""")]
    [InlineData("""{"kty":"RSA","n":"AQAB","e":"AQAB"}""")]
    [InlineData("""{"kty":"RSA","n":1,"e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","crv":"P-384","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""")]
    [InlineData("""{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""")]
    [InlineData("""{"kty":"oct","k":"c2VjcmV0"}""")]
    [InlineData("[]")]
    [InlineData("1")]
    public void What_signs_no_tokens_is_no_key(string jwk) => Assert.Null(Key(jwk.Replace("MODULUS", Modulus, StringComparison.Ordinal)));

    [Fact]
    public void A_key_of_RSA_has_2048_bits_at_least()
    {
        Assert.Null(Key(OfBits(1024)));
        Assert.NotNull(Key(OfBits(2048)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("e30.e30.")]
    [InlineData("e30.e30.AA")]
    [InlineData("W10.e30.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.W10.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.A")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AB")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AA==")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9 .e30.AA")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.AA.AA")]
    public void What_is_no_token_is_none(string text) => Assert.Null(SignedToken.Parse(text));

    [Theory]
    [InlineData("""{"alg":"RS256","alg":"none"}""", "{}")]
    [InlineData("""{"alg":"RS256"}""", """{"sub":"a","sub":"b"}""")]
    [InlineData("""{"alg":"RS256"}""", """{"sub":"\ud800"}""")]
    [InlineData("""{"alg":"RS256"}""", """{"a":[[[[[[[[[[[[1]]]]]]]]]]]]}""")]
    [InlineData("""{"alg":1}""", "{}")]
    [InlineData("""{"alg":"RS256","typ":"dpop+jwt"}""", "{}")]
    [InlineData("""{"alg":"RS256","typ":1}""", "{}")]
    public void What_can_be_read_in_two_ways_is_no_token(string header, string claims) => Assert.Null(SignedToken.Parse($"{Text(header)}.{Text(claims)}.AA"));

    private static string OfBits(int bits)
    {
        using var key = RSA.Create(bits);
        var parameters = key.ExportParameters(false);
        return $$"""{"kty":"RSA","n":"{{System.Buffers.Text.Base64Url.EncodeToString(parameters.Modulus)}}","e":"AQAB"}""";
    }

    private static string Text(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static VerifyingKey? Key(string jwk) => VerifyingKey.Of(JsonElement.Parse(jwk));

    private static VerifyingKeys? Keys(string set) => VerifyingKeys.Parse(Encoding.UTF8.GetBytes(set));
}
