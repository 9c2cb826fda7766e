using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Outbound;

namespace Agora.Hosting;

/// <summary>Whom models are had from. No record: its keys would be printed wherever it is logged.</summary>
public sealed class ModelProviderSettings
{
    /// <summary>As endpoints of models name it: <c>model:NAME</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How it is spoken to: one of <see cref="Wires"/>.</summary>
    public required string Wire { get; init; }

    /// <summary>Without a slash at its end.</summary>
    public required Uri Url { get; init; }

    /// <summary>Each in turn; empty: it wants none.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>It keeps what it is sent for purposes of its own; null: nobody has said.</summary>
    public bool? RetainsData { get; init; }

    /// <summary>It is called in test mode, too, where nobody pays for it.</summary>
    public bool ServesTests { get; init; }

    public static readonly IReadOnlyList<string> Wires = ["openai", "openai_chat", "compatible", "anthropic", "google"];

    private const int Most = 32;
    private const int MostKeys = 16;
    private static readonly string[] Members = ["name", "wire", "url", "keys", "key_files", "retains_data", "serves_tests"];

    private static readonly Dictionary<string, string> KnownUrls = new(StringComparer.Ordinal)
    {
        ["openai"] = "https://api.openai.com/v1",
        ["openai_chat"] = "https://api.openai.com/v1",
        ["anthropic"] = "https://api.anthropic.com/v1",
        ["google"] = "https://generativelanguage.googleapis.com/v1beta",
    };

    /// <summary>A JSON list, so that one setting has all of one: <c>[{"name":"openai","wire":"openai","key_files":["/run/secrets/openai"]}]</c>.</summary>
    internal static IReadOnlyList<ModelProviderSettings> Read(SettingReader read, string setting)
    {
        if (read.Text(setting) is not { } text) return [];

        try
        {
            using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            if (json.RootElement.ValueKind != JsonValueKind.Array || json.RootElement.GetArrayLength() is 0 or > Most)
            {
                throw new SettingException($"{setting} must be a JSON list of 1 to {Most} providers.");
            }

            IReadOnlyList<ModelProviderSettings> all = [.. json.RootElement.EnumerateArray().Select((provider, i) => Of($"{setting}[{i}]", provider))];
            return all.GroupBy(provider => provider.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice ? throw new SettingException($"{setting}: '{twice.Key}' stands there twice.") : all;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SettingException($"{setting} must be a JSON list of providers, as docs/models.md has it.");
        }
    }

    private static ModelProviderSettings Of(string at, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new SettingException($"{at} must be an object.");
        if (json.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => !Members.Contains(name)) is { } unknown)
        {
            throw new SettingException($"{at}.{unknown} is not known: {string.Join(", ", Members)} are.");
        }

        var name = Text(at, json, "name");
        var wire = Text(at, json, "wire");
        if (wire is null || !Wires.Contains(wire)) throw new SettingException($"{at}.wire must be one of {string.Join(", ", Wires)}.");

        var url = Text(at, json, "url") ?? KnownUrls.GetValueOrDefault(wire) ?? throw new SettingException($"{at}.url is missing: where a {wire} provider is, nobody knows.");
        if (EndpointRules.Check(url) is { } why || url.Contains('?', StringComparison.Ordinal))
        {
            throw new SettingException($"{at}.url must be an http:// or https:// address without query, user name and fragment.");
        }

        var keys = Texts(at, json, "keys").Concat(Texts(at, json, "key_files").Select((file, i) => Content($"{at}.key_files[{i}]", file))).ToList();
        if (keys.Count > MostKeys || keys.Exists(key => key.Length is 0 or > Limits.AccessKeyLengthMost || !KeyRule.IsVisible(key)))
        {
            throw new SettingException($"{at}: at most {MostKeys} keys, each of 1 to {Limits.AccessKeyLengthMost} visible ASCII characters.");
        }

        if (keys.Count == 0 && wire != "compatible") throw new SettingException($"{at}: keys or key_files is missing: {wire} wants a key.");

        return new()
        {
            Name = name is { Length: > 0 and <= 64 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') && char.IsAsciiLetterOrDigit(name[0]) && name != "router" ? name
                : throw new SettingException($"{at}.name must be 1 to 64 letters, digits, '.', '_' or '-', and not router, which stands for rules."),
            Wire = wire,
            Url = new(url.TrimEnd('/')),
            Keys = keys,
            RetainsData = Flag(at, json, "retains_data"),
            ServesTests = Flag(at, json, "serves_tests") == true,
        };
    }

    private static bool? Flag(string at, JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new SettingException($"{at}.{name} must be true or false."),
    };

    private static string? Text(string at, JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw new SettingException($"{at}.{name} must be a string.");

    private static IEnumerable<string> Texts(string at, JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var values)) return [];
        if (values.ValueKind != JsonValueKind.Array || values.EnumerateArray().Any(value => value.ValueKind != JsonValueKind.String))
        {
            throw new SettingException($"{at}.{name} must be a list of strings.");
        }

        return [.. values.EnumerateArray().Select(value => value.GetString()!)];
    }

    internal static string Content(string at, string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{at}: '{file}' cannot be read.");
        }
    }
}
