using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Outbound.Commands;

namespace Agora.Hosting;

/// <summary>
/// Commands that upstreams may name, as a JSON object by name: <c>{"memory":{"run":["/usr/bin/node","/srv/memory.mjs"],"env":{"MEMORY_FILE_PATH":"/srv/memory.json"},"directory":"/srv"}}</c>. Beside these: <c>tenants</c>,
/// a list of whose operators may name it; absent: the default tenant's.
/// </summary>
internal static class CommandSettings
{
    private const int Most = 64;
    private static readonly string[] Members = ["run", "env", "directory", "tenants"];

    public static IReadOnlyList<AllowedCommand> Read(SettingReader read, string setting)
    {
        if (read.Text(setting) is not { } text) return [];

        try
        {
            using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.GetPropertyCount() is > 0 and <= Most
                ? [.. json.RootElement.EnumerateObject().Select(command => Of($"{setting}.{command.Name}", command.Name, command.Value))]
                : throw new SettingException($"{setting} must be a JSON object of 1 to {Most} commands.");
        }
        catch (JsonException)
        {
            throw new SettingException($"{setting} must be a JSON object of commands, as docs/hub.md has it.");
        }
    }

    private static AllowedCommand Of(string at, string name, JsonElement json)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new SettingException($"{at}: a command's name is 1 to 64 small letters, digits and '-'.");
        }

        if (json.ValueKind != JsonValueKind.Object) throw new SettingException($"{at} must be an object.");
        if (json.EnumerateObject().Select(member => member.Name).FirstOrDefault(member => !Members.Contains(member)) is { } unknown)
        {
            throw new SettingException($"{at}: '{unknown}' is not known; known are {string.Join(", ", Members)}.");
        }

        var run = Texts(at, json, "run") ?? throw new SettingException($"{at}.run is missing: the program and its arguments.");
        if (run.Count == 0 || !Path.IsPathFullyQualified(run[0]))
        {
            throw new SettingException($"{at}.run must begin with the whole path of the program.");
        }

        var directory = Text(at, json, "directory");
        if (directory is not null && !Path.IsPathFullyQualified(directory))
        {
            throw new SettingException($"{at}.directory must be a whole path.");
        }

        var tenants = Texts(at, json, "tenants") ?? [Tenant.Default.Name];
        if (tenants.FirstOrDefault(tenant => Tenant.Parse(tenant) is null) is { } wrong)
        {
            throw new SettingException($"{at}.tenants: '{wrong}' is not {Tenant.Rule}.");
        }

        return new(name, run, Environment(at, json), directory, tenants);
    }

    private static Dictionary<string, string> Environment(string at, JsonElement json)
    {
        if (!json.TryGetProperty("env", out var env)) return [];
        if (env.ValueKind != JsonValueKind.Object || env.EnumerateObject().Any(entry => entry.Value.ValueKind != JsonValueKind.String))
        {
            throw new SettingException($"{at}.env must be an object of texts.");
        }

        return env.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetString()!, StringComparer.Ordinal);
    }

    private static List<string>? Texts(string at, JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
        : throw new SettingException($"{at}.{name} must be a list of texts.");

    private static string? Text(string at, JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text
        : throw new SettingException($"{at}.{name} must be a text.");
}
