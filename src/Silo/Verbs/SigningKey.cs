using Agora.Crypto;
using Agora.Hosting;
using Agora.Journal;
using Agora.Proof.Keys;

namespace Agora.Silo.Verbs;

/// <summary>
/// <c>rotate-signing-key</c>: a new key signs receipts and checkpoints from now on; the former public keys stay published, so that what they signed
/// verifies. <c>remove-signing-key KID</c> takes one of those away; <c>keep-signing-key KID</c> vouches for one that a release before this one retired. On SQLite the server must not be running.
/// </summary>
internal static class SigningKey
{
    public static Task<int> Rotate(string[] args) => With(args, async (keys, settings) =>
    {
        var key = await keys.Rotate(CancellationToken.None);
        Console.WriteLine($"Key {key.KeyId} signs receipts and checkpoints from {(settings.Postgres is null ? "the next start on." : "now on; processes that run take it within a minute.")}");
        return 0;
    });

    public static Task<int> Remove(string[] args) => args is not [var keyId, .. var rest]
        ? Task.FromResult(CommandLine.Refuse("remove-signing-key needs the KID of a former key, as /.well-known/jwks.json names it."))
        : With(rest, async (keys, _) =>
        {
            if (!await keys.Remove(keyId, CancellationToken.None))
            {
                return CommandLine.Refuse($"'{keyId}' is no former signing key; the one that signs is removed after rotate-signing-key.");
            }

            Console.WriteLine($"Key {keyId} is no longer published: nothing that it signed verifies any more.");
            return 0;
        });

    public static Task<int> Keep(string[] args) => args is not [var keyId, .. var rest]
        ? Task.FromResult(CommandLine.Refuse("keep-signing-key needs the KID of a former key, as a receipt or a checkpoint that you trust names it."))
        : With(rest, async (keys, _) =>
        {
            if (!await keys.Keep(keyId, CancellationToken.None)) return CommandLine.Refuse($"There is no signing key '{keyId}'.");

            Console.WriteLine($"Key {keyId} is published: the master key vouches for it.");
            return 0;
        });

    private static async Task<int> With(string[] args, Func<SigningKeys, AgoraSettings, Task<int>> act)
    {
        try
        {
            if (Ed25519.Missing is { } missing) return CommandLine.Refuse(missing);

            var settings = AgoraSettings.Read(CommandLine.Configuration(args), serves: false);
            var data = new DataDirectory(settings);
            await using var journal = await Store.OpenExisting(settings, data);
            using var keys = new SigningKeys(journal, data.MasterKey, TimeProvider.System);
            return await act(keys, settings);
        }
        catch (Exception e) when (e is SettingException or JournalRefusedException or JournalUnavailableException)
        {
            return CommandLine.Refuse(e.Message);
        }
    }
}
