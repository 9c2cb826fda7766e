using System.CommandLine;

namespace Agora.Cli.Calls;

/// <summary>What every call can be told, whichever operation it is.</summary>
internal static class CallOptions
{
    public static readonly Option<string?> Server = new("--server") { Description = "The server's address, in place of AGORA_URL and of the profile's.", Recursive = true };
    public static readonly Option<string?> Profile = new("--profile") { Description = "The profile, in place of the one in use.", Recursive = true };
    public static readonly Option<bool> Json = new("--json") { Description = "The reply as it came.", Recursive = true };
    public static readonly Option<bool> Csv = new("--csv") { Description = "A list as CSV: all that matches where the server sends it so, else the page.", Recursive = true };
    public static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would be sent, and send nothing." };
    public static readonly Option<string?> Body = new("--body") { Description = "The whole body as JSON, @FILE or - for standard input; options stand over its members." };
    public static readonly Option<string?> Key = new("--idempotency-key") { Description = "With the same key it happens once; absent: a new one, which is said where nobody knows whether it happened." };
    public static readonly Option<string?> Why = new("--because") { Description = "Why, for the record of what operators do." };

    public static readonly IReadOnlyList<string> Names = ["server", "profile", "json", "csv", "dry-run", "body", "idempotency-key", "because", "help", "version"];
}
