using System.Text.Json.Serialization;

namespace Agora.Cli.Profiles;

/// <summary>A server, and the credentials that it is called with. Each can be the path of a file that has it, written <c>@PATH</c>.</summary>
internal sealed record Profile(string? Server, string? AdminKey, string? AgentKey, string? Token, string? GptKey = null)
{
    /// <summary>How long an answer is waited for.</summary>
    [JsonIgnore]
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    public static readonly Profile Empty = new(null, null, null, null);

    /// <summary>By the name that the server's document gives to a credential.</summary>
    public string Credential(string scheme) => Content(scheme switch
    {
        "operatorKey" => AdminKey ?? throw Missing("an operator's key", "AGORA_ADMIN_KEY", "--admin-key"),
        "agentKey" => AgentKey ?? throw Missing("an agent's key, or the platform's", "AGENT_API_KEY", "--agent-key"),
        "sessionToken" => Token ?? throw Missing("a session's token (agora auth opens one)", "AGORA_TOKEN", "--token"),
        "gptKey" => GptKey ?? throw Missing("a chat's key", "AGORA_GPT_KEY", "--gpt-key"),
        _ => throw CliException.Wrong($"The server asks for a credential that this release does not know: {scheme}."),
    });

    [JsonIgnore]
    public Uri Address => Server is null ? throw CliException.Wrong("No server: set AGORA_URL, send --server URL, or make a profile with agora profile set NAME --server URL.")
        : Uri.TryCreate(Server, UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", UserInfo: "" } ? address
        : Server.Contains('@', StringComparison.Ordinal) ? throw CliException.Wrong("The address of the server must have no user name and no password; set a key by AGORA_ADMIN_KEY, AGENT_API_KEY or agora profile set.")
        : throw CliException.Wrong($"'{Server}' is no http:// or https:// address of a server.");

    /// <summary>What is said here stands over what the other says.</summary>
    public Profile Over(Profile other) => new(Server ?? other.Server, AdminKey ?? other.AdminKey, AgentKey ?? other.AgentKey, Token ?? other.Token, GptKey ?? other.GptKey) { Patience = other.Patience };

    private static CliException Missing(string what, string setting, string option) =>
        new(ExitCodes.NotAllowed, $"This wants {what}: set {setting}, or keep it in a profile: agora profile set NAME {option} KEY (or @FILE).");

    public static string Content(string text)
    {
        if (!text.StartsWith('@')) return text;

        try
        {
            return File.ReadAllText(text[1..]).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Wrong($"The credential in '{text[1..]}' cannot be read.");
        }
    }
}
