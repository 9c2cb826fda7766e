using System.Text.RegularExpressions;

namespace Agora.Client.Http.Sealing;

/// <summary>Bounds of sealed messages and key rings, the same in all clients.</summary>
internal static partial class SealingLimits
{
    /// <summary>Of a sealed message as it travels, in UTF-8.</summary>
    public const int MessageBytes = 65_536;

    /// <summary>Besides the sender, to whom each message is sealed too.</summary>
    public const int Recipients = 64;

    /// <summary>Rotations that a card carries, all that there were: the registry and whoever saw an earlier key follow them from that on.</summary>
    public const int Rotations = 64;

    public static bool IsAgent(string text) => Agent().IsMatch(text);

    /// <summary>Of a conversation or a message.</summary>
    public static bool IsId(string text) => Id().IsMatch(text);

    public static bool IsContentType(string text) => ContentType().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}\z")]
    private static partial Regex Agent();

    [GeneratedRegex(@"^[!-~]{1,200}\z")]
    private static partial Regex Id();

    [GeneratedRegex(@"^[ -~]{1,255}\z")]
    private static partial Regex ContentType();
}
