using System.Security.Cryptography;
using System.Text;

namespace Agora.Journal;

/// <summary>What a stored snapshot's code says of it.</summary>
public enum SnapshotCode { Right = 1, Missing = 2, Wrong = 3 }

/// <summary>
/// Who may write the database can copy number and hash of a stream's last row beside a state of their own, so that says nothing of the state:
/// a stored snapshot carries a code of all that it holds (HMAC-SHA-256 under a key that follows from the master key) and is believed by that alone.
/// <para>Stored form: the code's 32 bytes before the state's, under a version that is <c>65,536</c> higher, which a release without codes does not know and ignores.</para>
/// </summary>
/// <param name="masterKey">32 bytes.</param>
public sealed class SnapshotCodes(ReadOnlySpan<byte> masterKey)
{
    private const int Coded = 1 << 16;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey.ToArray(), HMACSHA256.HashSizeInBytes, info: "agora/snapshot-code/v1"u8.ToArray());

    /// <summary>As it is stored.</summary>
    public Snapshot Seal(string stream, Snapshot snapshot) =>
        snapshot with { Version = Coded + snapshot.Version, State = (byte[])[.. CodeOf(stream, snapshot), .. snapshot.State.Span] };

    /// <param name="snapshot">As it was sealed; to be believed only when the code is right.</param>
    public SnapshotCode Open(string stream, Snapshot stored, out Snapshot snapshot)
    {
        snapshot = stored;
        if (stored.Version < Coded) return SnapshotCode.Missing;
        if (stored.State.Length < HMACSHA256.HashSizeInBytes) return SnapshotCode.Wrong;
        snapshot = stored with { Version = stored.Version - Coded, State = stored.State[HMACSHA256.HashSizeInBytes..] };
        return CryptographicOperations.FixedTimeEquals(CodeOf(stream, snapshot), stored.State.Span[..HMACSHA256.HashSizeInBytes]) ? SnapshotCode.Right : SnapshotCode.Wrong;
    }

    // Every part behind its length, so that no two snapshots have the same bytes here.
    private byte[] CodeOf(string stream, Snapshot snapshot)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(stream);
        writer.Write(snapshot.Seq);
        writer.Write(snapshot.Hash.Length);
        writer.Write(snapshot.Hash.Span);
        writer.Write(snapshot.Version);
        writer.Write(snapshot.KeyId is not null);
        writer.Write(snapshot.KeyId ?? "");
        writer.Write(snapshot.State.Length);
        writer.Write(snapshot.State.Span);
        writer.Flush();
        return HMACSHA256.HashData(_key, bytes.ToArray());
    }
}
