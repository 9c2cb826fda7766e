using System.Security.Cryptography;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Outbound;
using Agora.Proof.Calls;
using Agora.Proof.Keys;

namespace Agora.Silo.Verbs;

/// <summary>With what a check signs: the keys of the Agora whose journal is here, or else one that nobody publishes.</summary>
internal sealed class CheckKeys : IAsyncDisposable
{
    private readonly IJournal _journal;
    private readonly SigningKeys _keys;

    private CheckKeys(IJournal journal, SigningKeys keys, string origin) => (_journal, _keys, Signer, Origin) = (journal, keys, new CallSigner(keys, TimeProvider.System), origin);

    public ICallSigner Signer { get; }

    public string Origin { get; }

    /// <exception cref="SettingException">There is a journal, and its master key is missing: any other key would make the check report faults that the service does not have.</exception>
    /// <exception cref="JournalRefusedException">There is a journal, and it cannot be opened.</exception>
    /// <exception cref="JournalUnavailableException">It does not answer.</exception>
    /// <exception cref="CryptographicException">The master key is another one.</exception>
    public static async Task<CheckKeys> Open(AgoraSettings settings, DataDirectory data)
    {
        var isThere = settings.Postgres is not null || File.Exists(data.Database);
        if (isThere)
        {
            var masterKey = data.GivenMasterKey ?? throw new SettingException(
                $"The signing key of the Agora in {Place(settings, data)} cannot be read without its master key: set AGORA_MASTER_KEY or AGORA_MASTER_KEY_FILE as its server has it. To sign with a key of the check alone, {(settings.Postgres is null ? "name an empty directory by --data" : "leave --postgres / AGORA_POSTGRES out")}.");
            if (await Own(settings, data, masterKey) is { } own) return own;
        }

        var journal = new MemoryJournal(TimeProvider.System);
        var keys = new SigningKeys(journal, RandomNumberGenerator.GetBytes(32), TimeProvider.System);
        await keys.Load(mayMake: true, CancellationToken.None);
        return new(journal, keys, $"a key of this check alone, which a service that verifies refuses: there is no Agora's key in {Place(settings, data)}. --data DIR names the data directory of one");
    }

    private static string Place(AgoraSettings settings, DataDirectory data) => settings.Postgres is null ? data.Path : "the database";

    public async ValueTask DisposeAsync()
    {
        _keys.Dispose();
        await _journal.DisposeAsync();
    }

    // Only read: a server may be running over the same file. Null: it has no key yet.
    private static async Task<CheckKeys?> Own(AgoraSettings settings, DataDirectory data, byte[] masterKey)
    {
        var journal = await Store.Open(settings, data, readOnly: true);
        var keys = new SigningKeys(journal, masterKey, TimeProvider.System);
        var own = new CheckKeys(journal, keys, $"the keys of the Agora in {Place(settings, data)}");
        var opened = false;
        try
        {
            opened = await keys.Load(mayMake: false, CancellationToken.None) is not null;
            return opened ? own : null;
        }
        finally
        {
            if (!opened)
            {
                await own.DisposeAsync();
            }
        }
    }
}

/// <summary>Signatures of the right form that are nobody's: who verifies refuses them.</summary>
internal sealed class WrongSigner(ICallSigner right) : ICallSigner
{
    public async ValueTask<IReadOnlyList<KeyValuePair<string, string>>?> Sign(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellation)
    {
        var fields = await right.Sign(request, body, cancellation);
        return [.. fields!.Select(f => f.Key == "Signature" ? KeyValuePair.Create(f.Key, $"{CallSigner.Label}=:{Convert.ToBase64String(new byte[64])}:") : f)];
    }
}
