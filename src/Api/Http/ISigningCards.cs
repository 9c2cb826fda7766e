using Agora.Core.Kernel;
using Agora.Crypto;

namespace Agora.Api.Http;

/// <summary>The cards of agents, as this process knows them.</summary>
internal interface ISigningCards
{
    /// <returns>Null if no agent of this id has a card.</returns>
    SigningCard? Find(Tenant tenant, string agentId);
}

/// <summary>The key that an agent's card names.</summary>
/// <param name="Key">32 bytes in base64url.</param>
/// <param name="IsRevoked">The agent has revoked the key.</param>
internal sealed record SigningCard(string Key, Jwk SigningKey, bool IsRevoked);
