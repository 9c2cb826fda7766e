namespace Agora.Silo;

/// <summary>The commands of a first run, as they are printed to be pasted: keys are read from files, and none is shown.</summary>
public static class FirstRun
{
    /// <summary>Agent, user, grant, service, campaign: all have this name.</summary>
    public const string Name = "quickstart";

    /// <summary>An input of the sample text service.</summary>
    public const string SampleInput = """{"text":"Agora runs services. Sponsors pay for them. Nothing acknowledged is lost.","sentences":1}""";

    public static string KeyFile(string dataDirectory) => Path.Combine(dataDirectory, $"{Name}.key");

    public static string LogIn(string url, string keyFile) =>
        $$"""
        TOKEN=$(curl -s {{url}}/agent/auth -H "Authorization: Bearer $(cat '{{keyFile}}')" -H 'Content-Type: application/json' -d '{"agent_id":"{{Name}}","user_id":"{{Name}}","scopes":{"budget_limit_cents":100},"end_oldest":true}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
        """;

    public static string Run(string url, string input) =>
        $$"""
        curl -s {{url}}/agent/services/{{Name}}/run -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"input":{{input}}}'
        """;
}
