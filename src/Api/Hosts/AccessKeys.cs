using Agora.Core.Kernel;
using Agora.Hosting;
using Agora.Web;

namespace Agora.Api.Hosts;

/// <summary>
/// Who may come in: operators by the keys in AGORA_ADMIN_KEY, AGORA_OPERATOR_KEYS and the data directory, whose are all the default tenant's, agents by a platform key
/// of their tenant (AGORA_PLATFORM_KEYS; the default one's: AGENT_API_KEY, or with --demo one made for it; otherwise there is none, for nobody meant a demo's key to vouch for users later) or by keys of their own.
/// </summary>
/// <param name="PlatformLeft">The demo's platform key is there, and counts for nothing.</param>
public sealed record AccessKeys(string? Platform, string Admin, IReadOnlyList<AccessKey> Operators, IReadOnlyList<AccessKey> Platforms, IReadOnlyList<AccessKey> Gpts, IReadOnlyList<string> Made, bool PlatformLeft = false)
{
    public const string AdminName = "admin";
    public const string PlatformName = "platform";

    /// <summary>Beside those that are made for the default tenant, as in its setting: keys for tests.</summary>
    public const string TestAdminName = "test-admin";
    public const string TestPlatformName = "test-platform";

    public static AccessKeys Read(AgoraSettings settings, DataDirectory data)
    {
        var made = new List<string>();
        var admin = settings.AdminKey ?? Key(data, AdminName, made);
        var platform = settings.PlatformKey ?? (settings.Demo ? Key(data, PlatformName, made) : null);
        if (settings.AdminKey is null)
        {
            TestKey(data, TestAdminName, made);
            TestKey(data, TestPlatformName, made);
        }

        var named = data.AccessKeyNames()
            .Where(n => n is not (PlatformName or TestPlatformName) && (n != AdminName || settings.AdminKey is null))
            .Select(n => Of(n, data.AccessKey(n).Key));
        IReadOnlyList<AccessKey> operators = [.. settings.AdminKey is { } given ? [Of(AdminName, given)] : (IEnumerable<AccessKey>)[], .. named, .. Of(settings.OperatorKeys)];
        IReadOnlyList<AccessKey> platforms = [
            .. platform is not null ? [Of(PlatformName, platform)] : (IEnumerable<AccessKey>)[],
            .. data.AccessKeyNames().Where(n => n == TestPlatformName).Select(n => Of(PlatformName, data.AccessKey(n).Key)),
            .. Of(settings.PlatformKeys),
        ];
        IReadOnlyList<AccessKey> gpts = [.. Of(settings.GptKeys)];
        RequireTexts(operators);
        RequireTexts([.. platforms, .. gpts]);
        RequireNames(operators);
        RequireNames(platforms);
        RequireNames(gpts);
        return new(platform, admin, operators, platforms, gpts, made, platform is null && File.Exists(data.FileOf(PlatformName)));
    }

    /// <summary>Says where new keys are; prints them only to a terminal, never into a log.</summary>
    public void Announce(DataDirectory data)
    {
        foreach (var name in Made)
        {
            Console.WriteLine($"A new {name} key was made: {data.FileOf(name)}");
            if (!Console.IsOutputRedirected)
            {
                Console.WriteLine($"  {data.AccessKey(name).Key}");
            }
        }

        if (PlatformLeft)
        {
            Console.WriteLine($"The demo's platform key is not used without --demo: to keep it, set AGENT_API_KEY_FILE={data.FileOf(PlatformName)}");
        }
    }

    private static AccessKey Of(string name, string key) => AccessKey.Of(TenantKey.TenantOf(Tenant.Default, key), name, key);

    private static IEnumerable<AccessKey> Of(IEnumerable<TenantKey> keys) => keys.Select(k => AccessKey.Of(k.Tenant, k.Name, k.Key, k.Roles, k.Owner));

    /// <summary>A key says whose entities it opens, and who acts: one text for two would say neither.</summary>
    private static void RequireTexts(IReadOnlyList<AccessKey> keys)
    {
        foreach (var (one, other) in Pairs(keys).Where(static pair => pair.One.Hash.Span.SequenceEqual(pair.Other.Hash.Span)))
        {
            throw new SettingException($"The keys of '{one.Tenant}/{one.Name}' and '{other.Tenant}/{other.Name}' are the same: each needs one of its own.");
        }
    }

    /// <summary>Of two of one name their repeats could not be told apart.</summary>
    private static void RequireNames(IReadOnlyList<AccessKey> keys)
    {
        foreach (var (one, _) in Pairs(keys).Where(static pair => pair.One.Tenant == pair.Other.Tenant && pair.One.Name == pair.Other.Name))
        {
            throw new SettingException($"There are two keys of the name '{one.Tenant}/{one.Name}': each needs a name of its own.");
        }
    }

    private static IEnumerable<(AccessKey One, AccessKey Other)> Pairs(IReadOnlyList<AccessKey> keys) => keys.SelectMany((one, i) => keys.Skip(i + 1).Select(other => (one, other)));

    private static void TestKey(DataDirectory data, string name, List<string> made)
    {
        if (data.MakeAccessKey(name, TenantKey.TestPrefix))
        {
            made.Add(name);
        }
    }

    private static string Key(DataDirectory data, string name, List<string> made)
    {
        var (key, isNew) = data.AccessKey(name);
        if (isNew)
        {
            made.Add(name);
        }

        return key;
    }
}
