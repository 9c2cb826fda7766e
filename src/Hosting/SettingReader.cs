using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Journal.Postgres;
using Agora.Outbound;
using Microsoft.Extensions.Configuration;

namespace Agora.Hosting;

/// <summary>A setting that is not allowed; its message is the whole line to print.</summary>
public sealed class SettingException(string message) : Exception(message);

/// <summary>
/// Reads single settings, each with its own refusal. One of the environment (<c>NAME</c>) can be the content of a file that
/// <c>NAME_FILE</c> names, as secrets are handed to containers.
/// </summary>
internal sealed partial class SettingReader(IConfiguration configuration)
{
    private const int SecretBytes = 32;
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What was asked for so far.</summary>
    public IReadOnlySet<string> Names => _names;

    public string? Text(string name) => (Given(name), Given($"{name}_FILE")) switch
    {
        (not null, not null) => throw new SettingException($"{name} and {name}_FILE: only one of them can be set."),
        (null, { } path) => Content($"{name}_FILE", path),
        var (text, _) => text,
    };

    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new SettingException($"--{name} takes no value."),
    };

    public bool Choice(string name, bool otherwise) => Text(name) switch
    {
        null => otherwise,
        "true" => true,
        "false" => false,
        _ => throw new SettingException($"{name} must be true or false."),
    };

    public int Number(string name, int otherwise, int least, int most) => Text(name) switch
    {
        null => otherwise,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most => value,
        _ => throw new SettingException($"{name} must be a whole number from {least} to {most}."),
    };

    /// <summary>A key that lets its holder in here.</summary>
    public string? AccessKey(string name) => Text(name) switch
    {
        null => null,
        { } key when KeyRule.IsKey(key) => key,
        _ => throw new SettingException($"{name} must be {KeyRule.Rule}."),
    };

    /// <summary>A key that somebody else gave out: how long it is was theirs to choose.</summary>
    public string? ForeignKey(string name) => Text(name) switch
    {
        null => null,
        { Length: >= 16 and <= Limits.AccessKeyLengthMost } key when KeyRule.IsVisible(key) => key,
        _ => throw new SettingException($"{name} must be 16 to {Limits.AccessKeyLengthMost} visible ASCII characters."),
    };

    /// <summary>32 bytes in base64.</summary>
    public byte[]? Secret(string name)
    {
        var bytes = new byte[SecretBytes];
        return Text(name) is not { } text ? null
            : Convert.TryFromBase64String(text, bytes, out var written) && written == SecretBytes ? bytes
            : throw new SettingException($"{name} must be 32 bytes in base64, as from: openssl rand -base64 32.");
    }

    public string Name(string name, string otherwise) => Text(name) switch
    {
        null => otherwise,
        var text when NamePattern().IsMatch(text) => text,
        _ => throw new SettingException($"{name} must be 1 to 64 letters, digits, '.', '_' or '-'."),
    };

    public string? File(string name, string? shown = null) => Text(name) is not { } path ? null
        : System.IO.File.Exists(path) ? path
        : throw new SettingException($"{shown ?? name}: there is no file '{path}'.");

    /// <summary>A StringOrURI (RFC 7519 §2).</summary>
    public string Issuer(string name, string otherwise) => Text(name) switch
    {
        null => otherwise,
        var text when text.Length <= 200 && text.All(c => c is > ' ' and <= '~') && (!text.Contains(':') || Uri.TryCreate(text, UriKind.Absolute, out _)) => text,
        _ => throw new SettingException($"{name} must be a name or a URI of at most 200 visible ASCII characters, such as https://agora.example."),
    };

    /// <summary>An address that the outbound guard could let through, or a file in a directory that is there.</summary>
    public string? Sink(string name)
    {
        if (Text(name) is not { } text) return null;
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return EndpointRules.Check(text) is { } why ? throw new SettingException($"{name}: {why}") : text;
        }

        return Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(text))) && !Directory.Exists(text) ? Path.GetFullPath(text)
            : throw new SettingException($"{name} must be an http:// or https:// address, or a file's path in a directory that exists.");
    }

    /// <summary>Addresses to listen on.</summary>
    public string Urls(string name, string setting, string otherwise)
    {
        var urls = Text(name) ?? Text(setting) ?? otherwise;
        return urls.Split(';').Select(ListenAddress.Refusal).FirstOrDefault(static why => why is not null) is not { } why ? urls
            : throw new SettingException($"--{name} / {setting} {why}");
    }

    /// <summary>An address of a flag to listen on.</summary>
    public Uri? Listener(string name) => Text(name) switch
    {
        null => null,
        var text when ListenAddress.Refusal(text) is null => new(text),
        var text => throw NoAddress(name, text),
    };

    /// <summary>An address of a flag to call.</summary>
    public Uri? Url(string name) => Text(name) switch
    {
        null => null,
        var text when IsUrl(text) => new(text),
        var text => throw NoAddress(name, text),
    };

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
        [.. Listed(name).Select(n => IPNetwork.TryParse(n, out var network)
            ? network
            : throw new SettingException($"{name} must be CIDRs such as 10.0.0.0/8, separated by commas."))];

    public IReadOnlyList<ServiceKey> ServiceKeys(string name)
    {
        IReadOnlyList<ServiceKey> keys = [.. Listed(name).Select((entry, i) => ServiceKeyOf(entry) ?? throw new SettingException(
            $"{name} must be NAME:KEY or NAME:KEY:KIND+KIND, separated by commas; keys of {Limits.AccessKeyLength} to {Limits.AccessKeyLengthMost} visible ASCII characters but ':' and ',', kinds of {string.Join(", ", Manifest.Kinds)}. Entry {i + 1} is not."))];
        return keys.GroupBy(k => k.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new SettingException($"{name}: '{twice.Key}' stands there twice.")
            : keys.FirstOrDefault(k => ServiceKey.Reserved.Contains(k.Name)) is { } reserved
                ? throw new SettingException($"{name}: the name '{reserved.Name}' is the cluster's own.")
                : keys;
    }

    /// <summary>What is wished for of a day.</summary>
    public IReadOnlyList<DailyTarget> Targets(string name)
    {
        IReadOnlyList<DailyTarget> targets = [.. Listed(name).Select(entry => TargetOf(entry) ?? throw new SettingException(
            $"{name} must be MEASURE=NUMBER, separated by commas; measures are {string.Join(", ", DailyTarget.Measures)}, each of a day."))];
        return targets.DistinctBy(static target => target.Measure).Count() == targets.Count ? targets : throw new SettingException($"{name}: a measure stands there twice.");

        static DailyTarget? TargetOf(string entry) => entry.Split('=') is [var measure, var number] && DailyTarget.Measures.Contains(measure)
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var least) ? new(measure, least) : null;
    }

    /// <summary>Platforms' keys, each of one tenant.</summary>
    public IReadOnlyList<TenantKey> TenantKeys(string name) => TenantKeys(name, "NAME:KEY or TENANT/NAME:KEY", TenantKeyOf);

    /// <summary>Operators' keys, each of one tenant, and what each may.</summary>
    public IReadOnlyList<TenantKey> OperatorKeys(string name) => TenantKeys(
        name, $"NAME:KEY, TENANT/NAME:KEY or either with :ROLE, which is {string.Join(", ", Roles.All.Select(role => Roles.Owners.HasFlag(role.Role) ? $"{role.Name}=OWNER" : role.Name))}", OperatorKeyOf);

    private IReadOnlyList<TenantKey> TenantKeys(string name, string form, Func<string, TenantKey?> keyOf)
    {
        IReadOnlyList<TenantKey> keys = [.. Listed(name).Select((entry, i) => keyOf(entry) ?? throw new SettingException(
            $"{name} must be {form}, separated by commas; tenants of {Tenant.Rule}, keys of {Limits.AccessKeyLength} to {Limits.AccessKeyLengthMost} visible ASCII characters but ':' and ','. Entry {i + 1} is not."))];
        return keys.GroupBy(k => k.ToString(), StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new SettingException($"{name}: '{twice.Key}' stands there twice.")
            : keys;
    }

    /// <summary>A setting whose rule is its own.</summary>
    public string? Checked(string name, Predicate<string> isValid, string rule) => Text(name) switch
    {
        null => null,
        var text when isValid(text) => text,
        _ => throw new SettingException($"{name} must be {rule}."),
    };

    private static ServiceKey? ServiceKeyOf(string entry) => entry.Split(':') switch
    {
        [var name, var key] when NamePattern().IsMatch(name) && KeyRule.IsKey(key) => new(name, key, null),
        [var name, var key, var kinds] when NamePattern().IsMatch(name) && KeyRule.IsKey(key) && kinds.Split('+') is var listed && listed.All(Manifest.Kinds.Contains) => new(name, key, listed),
        _ => null,
    };

    private static TenantKey? TenantKeyOf(string entry) => entry.Split(':') is not [var named, var key] || !KeyRule.IsKey(key) ? null
        : named.Split('/') switch
        {
            [var name] when NamePattern().IsMatch(name) => TenantKey.Of(Tenant.Default, name, key),
            [var of, var name] when NamePattern().IsMatch(name) && Tenant.Parse(of) is { IsTest: false } tenant => TenantKey.Of(tenant, name, key),
            _ => null,
        };

    private static TenantKey? OperatorKeyOf(string entry)
    {
        if (entry.Split(':', 3) is not [var name, var key, var role]) return TenantKeyOf(entry);

        var (said, owner) = role.Split('=', 2) is [var named, var id] ? (named, id) : (role, null);
        var roles = Roles.Parse(said);
        return roles != Role.None && Roles.Owners.HasFlag(roles) == owner is not null && (owner is null || OwnerPattern().IsMatch(owner)) && TenantKeyOf($"{name}:{key}") is { } bare
            ? bare with { Roles = roles, Owner = owner }
            : null;
    }

    private static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", UserInfo: "" };

    private static SettingException NoAddress(string flag, string text) =>
        new($"--{flag} {(ListenAddress.Refusal(text) is { } why and not ListenAddress.Form ? why : "must be an http:// or https:// address.")}");

    private IEnumerable<string> Listed(string name) => (Text(name) ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);

    private string? Given(string name)
    {
        _names.Add(name);
        return configuration[name] is { Length: > 0 } value ? value : null;
    }

    private static string Content(string name, string path)
    {
        try
        {
            return System.IO.File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{name}: '{path}' cannot be read.");
        }
    }

    /// <summary>An id.</summary>
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
    private static partial Regex OwnerPattern();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    private static partial Regex NamePattern();
}
