using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Core.Kernel;

/// <summary>UUIDv7 (RFC 9562 §5.7) without a clock: ids are derived from a seed and the time of what caused them.</summary>
public static class Ids
{
    /// <summary>The n-th id of a seed: the same again for the same time.</summary>
    public static Guid Derive(DateTimeOffset at, Guid seed, int n)
    {
        Span<byte> bytes = stackalloc byte[16];
        seed.TryWriteBytes(bytes, bigEndian: true, out _);
        var (high, low) = (BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        unchecked
        {
            high = Mixed(high + ((ulong)n * 0x9E37_79B9_7F4A_7C15));
            low = Mixed(low ^ high);
            high = Mixed(high + low);

            // 48 bits of time, version 7, variant 10; 74 bits are left of the seed.
            BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)at.ToUnixTimeMilliseconds() << 16) | 0x7000 | (high & 0x0FFF));
            BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], 0x8000_0000_0000_0000 | (low >> 2));
        }

        return new Guid(bytes, bigEndian: true);
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

    /// <summary>Whether it can be that of a keyed command (<see cref="FromKey"/>).</summary>
    public static bool IsOfKey(Guid id) => id.Version == 8;

    public static bool IsVersion7(Guid id) => id.Version == 7;

    // SplitMix64's finalizer (Steele, Lea, Flood 2014): each bit of the input moves half of the output's. These ids need to be
    // different, not secret, and a run mints a dozen: a cryptographic hash is most of their cost.
    private static ulong Mixed(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return z ^ (z >> 31);
        }
    }
}

/// <summary>Times are kept to the microsecond, as stored.</summary>
public static class Timestamps
{
    public static long ToMicros(this DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicros(long micros) => DateTimeOffset.UnixEpoch.AddTicks(checked(micros * TimeSpan.TicksPerMicrosecond));
}
