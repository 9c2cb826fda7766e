using System.CommandLine;

namespace Agora.Cli.Calls;

/// <summary>What every call can be told, whichever operation it is.</summary>
internal static class CallOptions
{
    public static readonly Option<string?> Server = new("--server") { Description = "The server's address, in place of AGORA_URL and of the profile's.", Recursive = true };
    public static readonly Option<string?> Profile = new("--profile") { Description = "The profile, in place of the one in use.", Recursive = true };
    public static readonly Option<bool> Json = new("--json") { Description = "The reply as it came.", Recursive = true };
    public static readonly Option<bool> Csv = new("--csv") { Description = "A list as CSV: all that matches where the server sends it so, else the page.", Recursive = true };

    public static readonly IReadOnlyList<string> Names = ["server", "profile", "json", "csv", "dry-run", "body", "idempotency-key", "because", "help", "version"];
}
