using Agora.Crypto;

namespace Agora.Application.Catalogue;

/// <summary>The key that an agent's card names.</summary>
/// <param name="Key">32 bytes in base64url.</param>
/// <param name="IsRevoked">The agent has revoked the key.</param>
internal sealed record SigningCard(string Key, Jwk SigningKey, bool IsRevoked);
