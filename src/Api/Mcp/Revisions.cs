namespace Agora.Api.Mcp;

/// <summary>The revisions of the protocol that are spoken here, and the headers by which a request says which it is of.</summary>
internal static class Revisions
{
    /// <summary>Without a handshake and without sessions: each request says all that there is to know of it.</summary>
    public const string Stateless = "2026-07-28";

    /// <summary>With a handshake. No session is kept for it either.</summary>
    public const string Handshake = "2025-11-25";

    public const string Header = "MCP-Protocol-Version";
    public const string MethodHeader = "Mcp-Method";
    public const string NameHeader = "Mcp-Name";

    public static bool IsKnown(string version) => version is Stateless or Handshake;
}
