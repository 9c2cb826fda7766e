using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Core.Kernel;

/// <summary>UUIDv7 (RFC 9562 §5.7) without a clock: ids are derived from the command that caused them and its time.</summary>
public static class Ids
{
    /// <summary>The n-th new id of a command: the same command decided again yields the same ids.</summary>
    public static Guid Derive(DateTimeOffset at, Guid commandId, int n)
    {
        Span<byte> seed = stackalloc byte[20];
        commandId.TryWriteBytes(seed, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(seed[16..], n);
        return Version7(at, seed);
    }

    /// <summary>The id of a keyed command: the same key of the same credential is the same command.</summary>
    public static Guid FromKey(string tenant, string credential, string key)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{credential}\n{key}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80); // version 8: custom
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>The time in a UUIDv7, to the millisecond.</summary>
    public static DateTimeOffset TimeOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = (BinaryPrimitives.ReadInt64BigEndian(bytes) >> 16) & 0xFFFF_FFFF_FFFF;
        return DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, 253_402_300_799_999));
    }

    public static bool IsVersion7(Guid id) => id.Version == 7;

    private static Guid Version7(DateTimeOffset at, ReadOnlySpan<byte> seed)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(seed, hash);
        var bytes = hash[..16];
        var milliseconds = at.ToUnixTimeMilliseconds();
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, milliseconds);
        time[2..].CopyTo(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}

/// <summary>Times are kept to the microsecond, as stored.</summary>
public static class Timestamps
{
    public static long ToMicros(this DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicros(long micros) => DateTimeOffset.UnixEpoch.AddTicks(checked(micros * TimeSpan.TicksPerMicrosecond));
}
