using Agora.Core.Kernel;

namespace Agora.Hosting;

/// <summary>What a key must be that lets its holder in. Length is all that can be seen of how it was made, so the refusal says how to make one.</summary>
internal static class KeyRule
{
    public static readonly string Rule = $"{Limits.AccessKeyLength} to {Limits.AccessKeyLengthMost} visible ASCII characters, as from: openssl rand -hex 24";

    public static bool IsKey(string key) => key.Length is >= Limits.AccessKeyLength and <= Limits.AccessKeyLengthMost && IsVisible(key);

    public static bool IsVisible(string key) => key.All(c => c is > ' ' and <= '~');
}
