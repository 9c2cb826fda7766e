using System.Text.Json;
using Agora.Core.Kernel;
using Agora.Outbound;

namespace Agora.Hosting;

/// <summary>Who is asked about texts for models that want it. No record: its key would be printed wherever it is logged.</summary>
public sealed class ModelModerationSettings
{
    private const int TimeoutSecondsDefault = 10;
    private const int TimeoutSecondsMost = 60;
    private static readonly string[] Members = ["url", "key", "key_file", "model", "timeout_seconds", "on_failure"];

    public required Uri Url { get; init; }

    public string? Key { get; init; }

    public string? Model { get; init; }

    public required int TimeoutSeconds { get; init; }

    public required bool AllowsOnFailure { get; init; }

    /// <summary>A JSON object: <c>{"url":"https://api.openai.com/v1/moderations","key_file":"/run/secrets/openai"}</c>. Null: nobody is.</summary>
    internal static ModelModerationSettings? Read(SettingReader read, string setting)
    {
        if (read.Text(setting) is not { } text) return null;

        try
        {
            using var json = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object ? Of(setting, json.RootElement) : throw new SettingException($"{setting} must be a JSON object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SettingException($"{setting} must be a JSON object, as docs/models.md has it.");
        }
    }

    private static ModelModerationSettings Of(string at, JsonElement json)
    {
        if (json.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => !Members.Contains(name)) is { } unknown)
        {
            throw new SettingException($"{at}.{unknown} is not known: {string.Join(", ", Members)} are.");
        }

        var url = Text(at, json, "url") ?? throw new SettingException($"{at}.url is missing: the address of /v1/moderations.");
        if (EndpointRules.Check(url) is not null)
        {
            throw new SettingException($"{at}.url must be an http:// or https:// address without user name and fragment.");
        }

        var (key, file) = (Text(at, json, "key"), Text(at, json, "key_file"));
        if (key is not null && file is not null) throw new SettingException($"{at}: key or key_file, not both.");

        key ??= file is null ? null : ModelProviderSettings.Content($"{at}.key_file", file);
        if (key is { Length: 0 or > Limits.AccessKeyLengthMost } || (key is not null && !KeyRule.IsVisible(key)))
        {
            throw new SettingException($"{at}: a key of 1 to {Limits.AccessKeyLengthMost} visible ASCII characters is wanted.");
        }

        var seconds = TimeoutSecondsDefault;
        if (json.TryGetProperty("timeout_seconds", out var timeout) && (timeout.ValueKind != JsonValueKind.Number || !timeout.TryGetInt32(out seconds) || seconds is < 1 or > TimeoutSecondsMost))
        {
            throw new SettingException($"{at}.timeout_seconds must be a whole number from 1 to {TimeoutSecondsMost}.");
        }

        return new()
        {
            Url = new(url),
            Key = key,
            Model = Text(at, json, "model"),
            TimeoutSeconds = seconds,
            AllowsOnFailure = Text(at, json, "on_failure") switch
            {
                null or "refuse" => false,
                "allow" => true,
                _ => throw new SettingException($"{at}.on_failure must be refuse or allow."),
            },
        };
    }

    private static string? Text(string at, JsonElement json, string name) => !json.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw new SettingException($"{at}.{name} must be a string.");
}
