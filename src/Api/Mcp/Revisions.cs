namespace Agora.Api.Mcp;

/// <summary>The revisions of the protocol that are spoken here, and the headers by which a request says which it is of.</summary>
internal static class Revisions
{
    /// <summary>Without a handshake and without sessions: each request says all that there is to know of it.</summary>
    public const string Stateless = "2026-07-28";

    public const string Header = "MCP-Protocol-Version";
    public const string MethodHeader = "Mcp-Method";
    public const string NameHeader = "Mcp-Name";

    /// <summary>Revisions with a handshake, the newest first. They have no session here either. Results have the members of the newest revision: older clients ignore members that they do not know.</summary>
    public static readonly IReadOnlyList<string> Handshakes = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

    public static readonly IReadOnlyList<string> All = [Stateless, .. Handshakes];

    public static bool IsKnown(string version) => All.Contains(version);

    /// <summary>The revision that a handshake agrees on: the requested one if it is known, else the newest with a handshake.</summary>
    public static string Agreed(string? asked) => asked is not null && Handshakes.Contains(asked) ? asked : Handshakes[0];
}
