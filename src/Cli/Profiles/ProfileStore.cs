using System.Text.Json;

namespace Agora.Cli.Profiles;

/// <summary>Profiles by name, in a file that its owner alone can read (0600).</summary>
internal sealed class ProfileStore(Terminal terminal)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private string Place => Path.Combine(terminal.Folder, "profiles.json");

    /// <summary>Which one counts, if none is named.</summary>
    public string? InUse => Read().Use;

    public IReadOnlyDictionary<string, Profile> All => Read().Profiles;

    /// <summary>The environment stands over the profile that is named, or in use.</summary>
    public Profile Effective(string? name)
    {
        var (all, named) = (Read(), name ?? terminal.Setting("AGORA_PROFILE"));
        var profile = named is not null ? all.Profiles.GetValueOrDefault(named) ?? throw CliException.Wrong($"There is no profile '{named}'; agora profile list has them.")
            : all.Use is { } used ? all.Profiles.GetValueOrDefault(used) ?? Profile.Empty
            : Profile.Empty;
        return new Profile(terminal.Setting("AGORA_URL"), terminal.Setting("AGORA_ADMIN_KEY"), terminal.Setting("AGENT_API_KEY"), terminal.Setting("AGORA_TOKEN"), terminal.Setting("AGORA_GPT_KEY")).Over(profile) with { Patience = Patience() };
    }

    private TimeSpan Patience() => terminal.Setting("AGORA_TIMEOUT_SECONDS") is not { } said ? Profile.Empty.Patience
        : int.TryParse(said, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 3600 ? TimeSpan.FromSeconds(seconds)
        : throw CliException.Wrong("AGORA_TIMEOUT_SECONDS is a number of seconds from 1 to 3600.");

    /// <summary>What is not said stays as it was.</summary>
    public void Set(string name, Profile profile)
    {
        var all = Read();
        all.Profiles[name] = profile.Over(all.Profiles.GetValueOrDefault(name) ?? Profile.Empty);
        Write(all with { Use = all.Use ?? name });
    }

    public void Use(string name)
    {
        var all = Read();
        Write(all.Profiles.ContainsKey(name) ? all with { Use = name } : throw CliException.Wrong($"There is no profile '{name}'; agora profile list has them."));
    }

    public void Remove(string name)
    {
        var all = Read();
        if (!all.Profiles.Remove(name)) throw CliException.Wrong($"There is no profile '{name}'; agora profile list has them.");

        Write(all.Use == name ? all with { Use = null } : all);
    }

    private Stored Read()
    {
        if (!File.Exists(Place)) return new(null, new(StringComparer.Ordinal));

        try
        {
            return JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(Place), Json) is { Profiles: not null } read ? read : throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw CliException.Wrong($"{Place} cannot be read: mend it, or take it away.");
        }
    }

    private void Write(Stored all) => Places.Write(terminal.Folder, Place, JsonSerializer.Serialize(all, Json));

    private sealed record Stored(string? Use, Dictionary<string, Profile> Profiles);
}
