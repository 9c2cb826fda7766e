using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Crypto.Webhooks;

/// <summary>
/// What signs the messages to one endpoint, by Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md): <c>v1</c> is HMAC-SHA-256 under a secret that the
/// receiver has too, <c>v1a</c> is Ed25519. Both keys follow from one seed, apart from each other: whoever has the secret cannot make the other signature.
/// </summary>
public sealed class WebhookKey : IDisposable
{
    public const int SeedBytes = 32;

    private const int SecretBytes = 32;
    private static readonly byte[] SecretLabel = Encoding.ASCII.GetBytes("agora/webhook-secret/v1");
    private static readonly byte[] SigningLabel = Encoding.ASCII.GetBytes("agora/webhook-ed25519/v1");
    private readonly byte[] _secret;
    private readonly Ed25519PrivateKey _private;

    public WebhookKey(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedBytes) throw new ArgumentException($"a seed has {SeedBytes} bytes, not {seed.Length}", nameof(seed));

        _secret = new byte[SecretBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, _secret, [], SecretLabel);
        Span<byte> signing = stackalloc byte[Ed25519.SeedBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, signing, [], SigningLabel);
        _private = new(signing);
    }

    /// <summary>For the receiver alone.</summary>
    public string Secret => $"whsec_{Convert.ToBase64String(_secret)}";

    /// <summary>For anybody.</summary>
    public string PublicKey => $"whpk_{Convert.ToBase64String(_private.PublicKey.Span)}";

    /// <summary>Both signatures, as one value of <c>webhook-signature</c> or a part of it.</summary>
    public string Sign(string id, long unixSeconds, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{unixSeconds}."));
        byte[] signed = [.. head, .. body];
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(_secret, signed))} v1a,{Convert.ToBase64String(_private.Sign(signed))}";
    }

    public void Dispose() => _private.Dispose();
}
