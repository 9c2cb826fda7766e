namespace Agora.X402;

/// <summary>Version 1 names networks by words of its own. Source: the names that the public clients of version 1 know.</summary>
public static class Version1Networks
{
    private static readonly (string Name, string Network)[] Known =
    [
        ("base", "eip155:8453"),
        ("base-sepolia", "eip155:84532"),
        ("ethereum", "eip155:1"),
        ("sepolia", "eip155:11155111"),
        ("polygon", "eip155:137"),
        ("polygon-amoy", "eip155:80002"),
        ("avalanche", "eip155:43114"),
        ("avalanche-fuji", "eip155:43113"),
        ("abstract", "eip155:2741"),
        ("abstract-testnet", "eip155:11124"),
        ("iotex", "eip155:4689"),
        ("sei", "eip155:1329"),
        ("sei-testnet", "eip155:1328"),
        ("peaq", "eip155:3338"),
        ("story", "eip155:1514"),
        ("educhain", "eip155:41923"),
        ("skale-base-sepolia", "eip155:324705682"),
        ("megaeth", "eip155:4326"),
        ("monad", "eip155:143"),
        ("celo", "eip155:42220"),
        ("flare", "eip155:14"),
        ("stable", "eip155:988"),
        ("stable-testnet", "eip155:2201"),
    ];

    /// <summary>Null for a network that has no name in version 1: it can be paid on with version 2 alone.</summary>
    public static string? NameOf(string network) => Array.Find(Known, k => k.Network == network).Name;

    /// <summary>CAIP-2; null for a name that stands for none known.</summary>
    public static string? NetworkOf(string name) => Array.Find(Known, k => k.Name == name).Network;
}
