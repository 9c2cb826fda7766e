using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Desk;

/// <summary>A sign-in by an issuer that is under way at a browser. A class, not a record: a record would print the verifier wherever it is logged.</summary>
/// <param name="issuer">Its name.</param>
/// <param name="state">Comes back with the answer (RFC 6749 section 10.12).</param>
/// <param name="nonce">Comes back in the token (OpenID Connect Core 1.0 section 15.5.2).</param>
/// <param name="verifier">Whose hash the issuer was told (RFC 7636 section 4.1).</param>
/// <param name="back">The page that was wanted.</param>
internal sealed class SignInFlow(string issuer, string state, string nonce, string verifier, string back)
{
    public string Issuer { get; } = issuer;

    public string State { get; } = state;

    public string Nonce { get; } = nonce;

    public string Verifier { get; } = verifier;

    public string Back { get; } = back;

    /// <summary>RFC 7636 section 4.2, S256.</summary>
    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    public static SignInFlow Begin(string issuer, string back) => new(issuer, Random(), Random(), Random(), back.Length <= Limits.DeskFlowBack ? back : "/console");

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}

/// <summary>
/// Keeps a sign-in that is under way in a cookie of the browser that began it, for <see cref="Limits.DeskFlow"/>, with a code over it (HMAC-SHA256): nothing is stored, so the answer may come to any process of a cluster,
/// and it counts in that browser only. Who reads the cookie is who signs in, so it is not encrypted.
/// </summary>
internal sealed class SignInFlows(ApiOptions options, TimeProvider time)
{
    /// <summary>None of its parts has a line's end: names, base64url and visible characters.</summary>
    private const char Between = '\n';

    public string Seal(SignInFlow flow)
    {
        var until = (time.GetUtcNow() + Limits.DeskFlow).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var said = Encoding.ASCII.GetBytes(string.Join(Between, until, flow.Issuer, flow.State, flow.Nonce, flow.Verifier, flow.Back));
        return $"{Base64Url.EncodeToString(said)}.{Base64Url.EncodeToString(Code(said))}";
    }

    /// <returns>Null: we did not make it, or its time is over.</returns>
    public SignInFlow? Open(string? cookie)
    {
        if (cookie is not { Length: <= 2 * Limits.DeskFlowBack + 1_024 } || cookie.Split('.') is not [var text, var mac]) return null;
        if (!Base64Url.IsValid(text) || !Base64Url.IsValid(mac)) return null;

        var said = Base64Url.DecodeFromChars(text);
        if (!CryptographicOperations.FixedTimeEquals(Base64Url.DecodeFromChars(mac), Code(said))) return null;
        if (Encoding.ASCII.GetString(said).Split(Between) is not [var until, var issuer, var state, var nonce, var verifier, var back]) return null;

        return time.GetUtcNow().ToUnixTimeSeconds() < long.Parse(until, CultureInfo.InvariantCulture) ? new(issuer, state, nonce, verifier, back) : null;
    }

    private byte[] Code(byte[] said) => HMACSHA256.HashData(options.TokenKey.Span, [.. "agora.desk-flow.v1\n"u8, .. said]);
}
