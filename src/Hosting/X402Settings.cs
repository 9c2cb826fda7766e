using Agora.Outbound;
using Agora.X402;

namespace Agora.Hosting;

/// <summary>
/// Being paid by x402: on when AGORA_X402_FACILITATOR, _PAY_TO and _NETWORK are set, off when nothing is. On networks whose USDC is known the asset
/// is that, unless another is named; any other asset is described in full, as a wrong name makes every payment's signature invalid.
/// </summary>
/// <param name="FacilitatorKey">Sent to it as a bearer token, or null.</param>
public sealed record X402Settings(Uri Facilitator, string? FacilitatorKey, PaymentTerms Terms)
{
    /// <summary>Where we are paid.</summary>
    public string PaidOn => Terms.Network;

    private const string Prefix = "AGORA_X402_";
    private const string Url = Prefix + "FACILITATOR";
    private const string Key = Prefix + "FACILITATOR_KEY";
    private const string PayTo = Prefix + "PAY_TO";
    private const string Network = Prefix + "NETWORK";
    private const string Asset = Prefix + "ASSET";
    private const string AssetName = Prefix + "ASSET_NAME";
    private const string AssetVersion = Prefix + "ASSET_VERSION";
    private const string AssetDecimals = Prefix + "ASSET_DECIMALS";
    private const string AddressRule = "an address: 0x and 40 hexadecimal digits";
    private const int Unset = -1;

    /// <summary>Source: the issuer's list of contracts, https://developers.circle.com/stablecoins/usdc-contract-addresses; name and version as the contracts have them.</summary>
    private static readonly (string Network, string Asset, string Name)[] Usdc =
    [
        ("eip155:8453", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "USD Coin"),
        ("eip155:84532", "0x036CbD53842c5426634e7929541eC2318f3dCF7e", "USDC"),
    ];

    /// <summary>Null when nothing of it is set.</summary>
    internal static X402Settings? Read(SettingReader read)
    {
        var url = read.Checked(Url, IsFacilitator, "an http:// or https:// address without query, user name and fragment");
        var key = read.ForeignKey(Key);
        var payTo = read.Checked(PayTo, EvmText.IsAddress, AddressRule);
        var network = read.Checked(Network, EvmText.IsNetwork, "a CAIP-2 network of the namespace eip155, such as eip155:8453");
        var asset = read.Checked(Asset, EvmText.IsAddress, AddressRule);
        var name = read.Checked(AssetName, IsDomainText, "1 to 64 printable characters");
        var version = read.Checked(AssetVersion, IsDomainText, "1 to 64 printable characters");
        var decimals = read.Number(AssetDecimals, Unset, 0, PaymentTerms.MaxDecimals);
        if ((url ?? key ?? payTo ?? network ?? asset ?? name ?? version) is null && decimals == Unset) return null;

        if (url is null || payTo is null || network is null)
        {
            throw new SettingException($"{Url}, {PayTo} and {Network} go together: {(url is null ? Url : payTo is null ? PayTo : Network)} is missing.");
        }

        return new(new(url), key, TermsOf(network, payTo, asset, name, version, decimals));
    }

    private static PaymentTerms TermsOf(string network, string payTo, string? asset, string? name, string? version, int decimals)
    {
        if (Array.Find(Usdc, u => u.Network == network && (asset is null || EvmText.IsSame(asset, u.Asset))) is { Asset: { } known } usdc)
        {
            return (name ?? version) is null && decimals == Unset ? new(network, known, payTo, usdc.Name, "2", 6)
                : throw new SettingException($"{AssetName}, {AssetVersion} and {AssetDecimals} are for assets that are not known: of USDC on {network} they are.");
        }

        return asset is null ? throw new SettingException($"{Asset} is missing: no asset of {network} is known.")
            : name is null || version is null || decimals == Unset
                ? throw new SettingException($"{Asset} goes with {AssetName}, {AssetVersion} (of its EIP-712 domain) and {AssetDecimals}: this asset is not known.")
                : new(network, asset, payTo, name, version, decimals);
    }

    private static bool IsFacilitator(string text) =>
        EndpointRules.Check(text) is null && new Uri(text) is { Query: "" } && !text.Contains('?', StringComparison.Ordinal);

    private static bool IsDomainText(string text) => text.Length is >= 1 and <= 64 && !text.Any(char.IsControl);
}
