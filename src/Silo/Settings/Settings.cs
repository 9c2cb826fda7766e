using System.Globalization;
using System.Net;
using Agora.Journal.Postgres;
using Agora.Outbound;

namespace Agora.Silo.Settings;

/// <summary>Everything that can be set, after checking. Sources: appsettings(.Environment).json, then the environment, then flags.</summary>
public sealed record AgoraSettings
{
    public required string Urls { get; init; }

    public required string DataDirectory { get; init; }

    /// <summary>Connection string of the PostgreSQL database that is the store; null: a SQLite file in the data directory.</summary>
    public string? Postgres { get; init; }

    public required bool Demo { get; init; }

    public required bool Once { get; init; }

    public string? PlatformKey { get; init; }

    public string? AdminKey { get; init; }

    public string? TlsCertificate { get; init; }

    public string? TlsKey { get; init; }

    public required int RateLimitPerMinute { get; init; }

    public required int DuplicateWindowSeconds { get; init; }

    public required int AnomalyLimit { get; init; }

    public required int AnomalyWindowMinutes { get; init; }

    /// <summary>CIDRs and address:port pairs that the outbound guard lets through besides public addresses.</summary>
    public required string OutboundAllow { get; init; }

    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>Where silos speak to each other; used by the Orleans build only.</summary>
    public required int SiloPort { get; init; }

    /// <exception cref="SettingException">One line: the setting's name and what is allowed.</exception>
    public static AgoraSettings Read(IConfiguration configuration)
    {
        var read = new SettingReader(configuration);
        var settings = new AgoraSettings
        {
            Urls = read.Urls("urls", "http://127.0.0.1:8080"),
            DataDirectory = Path.GetFullPath(read.Text("data") ?? read.Text("AGORA_DATA") ?? "data"),
            Postgres = read.Postgres("postgres", "AGORA_POSTGRES"),
            Demo = read.Flag("demo"),
            Once = read.Flag("once"),
            PlatformKey = read.Key("AGENT_API_KEY"),
            AdminKey = read.Key("AGORA_ADMIN_KEY"),
            TlsCertificate = read.File("tls-cert"),
            TlsKey = read.File("tls-key"),
            RateLimitPerMinute = read.Number("AGORA_RATE_LIMIT_PER_MINUTE", 30, 1, 10_000_000),
            DuplicateWindowSeconds = read.Number("AGORA_DUPLICATE_WINDOW_SECONDS", 10, 0, 3_600),
            AnomalyLimit = read.Number("AGORA_ANOMALY_LIMIT", 5, 1, 1_000),
            AnomalyWindowMinutes = read.Number("AGORA_ANOMALY_WINDOW_MINUTES", 5, 1, 1_440),
            OutboundAllow = read.Allow("AGORA_OUTBOUND_ALLOW"),
            TrustedProxies = read.Networks("AGORA_TRUSTED_PROXIES"),
            SiloPort = read.Number("AGORA_SILO_PORT", 11_111, 1, 65_535),
        };
        if (settings.TlsCertificate is null != settings.TlsKey is null)
        {
            throw new SettingException("--tls-cert and --tls-key go together: PEM files of the certificate chain and its private key.");
        }

        if (settings.TlsCertificate is null && settings.Urls.Contains("https://", StringComparison.OrdinalIgnoreCase))
        {
            throw new SettingException("--urls: an https:// address needs --tls-cert and --tls-key.");
        }

        if (settings.Once && !settings.Demo)
        {
            throw new SettingException("--once goes with --demo.");
        }

        return settings;
    }
}

/// <summary>A setting that is not allowed; its message is the whole line to print.</summary>
public sealed class SettingException(string message) : Exception(message);

internal sealed class SettingReader(IConfiguration configuration)
{
    public string? Text(string name) => configuration[name] is { Length: > 0 } value ? value : null;

    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new SettingException($"--{name} takes no value."),
    };

    public int Number(string name, int otherwise, int least, int most) => Text(name) switch
    {
        null => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most => value,
        _ => throw new SettingException($"{name} must be a whole number from {least} to {most}."),
    };

    public string? Key(string name) => Text(name) switch
    {
        null => null,
        { Length: >= 16 and <= 512 } key when key.All(c => c is > ' ' and <= '~') => key,
        _ => throw new SettingException($"{name} must be 16 to 512 visible ASCII characters."),
    };

    public string? File(string name) => Text(name) is not { } path ? null
        : System.IO.File.Exists(path) ? path
        : throw new SettingException($"--{name}: there is no file '{path}'.");

    public string Urls(string name, string otherwise)
    {
        var urls = Text(name) ?? otherwise;
        return urls.Split(';').All(u => Uri.TryCreate(u, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            ? urls
            : throw new SettingException($"--{name} must be http:// or https:// addresses, separated by ';'.");
    }

    public string? Postgres(string flag, string name)
    {
        var given = Text(flag) ?? Text(name);
        return given is null || PostgresOptions.IsConnectionString(given)
            ? given
            : throw new SettingException($"--{flag} / {name} must be a connection string of PostgreSQL, such as Host=127.0.0.1;Username=agora;Password=…;Database=agora.");
    }

    public string Allow(string name)
    {
        try
        {
            AllowList.Parse(Text(name));
            return Text(name) ?? "";
        }
        catch (FormatException e)
        {
            throw new SettingException($"{name} must be CIDRs or address:port, separated by commas: {e.Message}");
        }
    }

    public IReadOnlyList<IPNetwork> Networks(string name) =>
        [.. (Text(name) ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(n => IPNetwork.TryParse(n, out var network)
            ? network
            : throw new SettingException($"{name} must be CIDRs such as 10.0.0.0/8, separated by commas."))];
}
