using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Agora.X402;

/// <summary>
/// A payment as it was presented, of either version, well-formed but not yet compared with anything. Its answer and what the
/// facilitator is asked are written in the version it came in. It can be stored as it is, with its requirements: a settlement without a
/// known outcome is asked for again with both, whatever the settings are by then.
/// </summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Network">CAIP-2, also where version 1 wrote a name of its own.</param>
/// <param name="Accepted">The requirements that the payer says it accepts; version 1 says none.</param>
/// <param name="Signature">0x and an even number of hexadecimal digits: 65 bytes, or more where a contract is the payer. Valid or not is for the facilitator to say.</param>
/// <param name="PaymentId">Of the extension <c>payment-identifier</c>.</param>
public sealed record Payment(
    int Version, string Scheme, string Network, AcceptedRequirements? Accepted, PaymentAuthorization Authorization, string Signature, string? PaymentId)
{
    /// <summary>Of a payment that <c>PaymentChecks.Place</c> has let through: its network and asset are then the seller's.</summary>
    public PaymentIdentity IdentityUnder(PaymentTerms terms) => PaymentIdentity.Of(terms.Network, terms.Asset, Authorization.From, Authorization.Nonce);

    /// <summary>
    /// SHA-256, in hexadecimal, of all that the payer signed: the same payment again has the same, also when it was signed anew or
    /// sent in the other version. The same identity or payment identifier with another one is another payment.
    /// </summary>
    public string FingerprintUnder(PaymentTerms terms) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{IdentityUnder(terms)}\n{Authorization.To.ToLowerInvariant()}\n{Authorization.Value}\n{Authorization.ValidAfter}\n{Authorization.ValidBefore}"))));
}

/// <summary>What of the requirements that a payer repeats has a meaning here.</summary>
public sealed record AcceptedRequirements(string Asset, string PayTo, [property: JsonConverter(typeof(UnsignedNumberConverter))] BigInteger Amount);

/// <summary>EIP-3009 TransferWithAuthorization. Addresses and nonce as they were written; numbers are uint256.</summary>
/// <param name="ValidAfter">Seconds since 1970; valid only later than this.</param>
/// <param name="ValidBefore">Seconds since 1970; valid only earlier than this.</param>
/// <param name="Nonce">32 bytes. The asset's contract accepts each of a payer's nonces once, for ever.</param>
public sealed record PaymentAuthorization(
    string From,
    string To,
    [property: JsonConverter(typeof(UnsignedNumberConverter))] BigInteger Value,
    [property: JsonConverter(typeof(UnsignedNumberConverter))] BigInteger ValidAfter,
    [property: JsonConverter(typeof(UnsignedNumberConverter))] BigInteger ValidBefore,
    string Nonce);

/// <summary>What can be paid once: all in lower case, so that no other spelling of the same payment is another payment.</summary>
public sealed record PaymentIdentity(string Network, string Asset, string Payer, string Nonce)
{
    public static PaymentIdentity Of(string network, string asset, string payer, string nonce) =>
        new(network.ToLowerInvariant(), asset.ToLowerInvariant(), payer.ToLowerInvariant(), nonce.ToLowerInvariant());

    /// <summary>The payer's wallet here.</summary>
    public string WalletId => $"x402:{Network}:{Payer}";

    /// <summary>At most 255 visible ASCII characters; the facilitator gets it as its idempotency key.</summary>
    public override string ToString() => $"x402:{Network}:{Asset}:{Payer}:{Nonce}";
}
