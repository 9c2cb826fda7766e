using System.Security.Cryptography;
using System.Text;
using Agora.Journal;

namespace Agora.Hosting;

/// <summary>
/// Processes that share a database have to share the master key and the token key: with others they could neither read what is personal nor
/// each other's tokens. The first one leaves a check value of its keys, and every later one compares.
/// </summary>
public static class SharedKeys
{
    private const string Id = "agora/shared-keys";

    /// <summary>Before any key is made: what a journal holds can only be read with the master key that it was written with.</summary>
    /// <exception cref="SettingException">The journal is not new, and there is no master key.</exception>
    public static async Task RequireMasterKey(IJournal journal, DataDirectory data, CancellationToken cancel = default)
    {
        if (!data.HasMasterKey && (await journal.Streams("", null, 1, cancel)).Count > 0)
        {
            throw new SettingException($"The master key of this journal is missing: set AGORA_MASTER_KEY, or restore master.key in {data.Path}.");
        }
    }

    /// <exception cref="SettingException">The keys are not those of the others.</exception>
    public static async Task Check(IJournal journal, DataDirectory data, bool mayWrite, CancellationToken cancel = default)
    {
        byte[] covered = [.. Encoding.UTF8.GetBytes(Id), .. data.TokenKey];
        var own = HMACSHA256.HashData(data.MasterKey, covered);
        var there = mayWrite ? await journal.PutKey(Id, own, cancel) : await journal.LoadKey(Id, cancel);
        if (there is { } others && !CryptographicOperations.FixedTimeEquals(others.Span, own))
        {
            throw new SettingException("AGORA_MASTER_KEY and AGORA_TOKEN_KEY (or master.key and token.key in --data DIR) are not those that this database was first used with.");
        }
    }
}
