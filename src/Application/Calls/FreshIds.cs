using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Agora.Application.Calls;

/// <summary>UUIDv7 (RFC 9562 section 5.7) as <see cref="Guid.CreateVersion7(DateTimeOffset)"/> gives them, but the system is asked for random bytes once for many: a read asks several questions, and each has an id.</summary>
internal static class FreshIds
{
    private const int Bytes = 16, TimeBytes = 6, RandomBytes = Bytes - TimeBytes, AtOnce = 400;
    private const int Version = 6, Variant = 8;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    public static Guid Next(DateTimeOffset now)
    {
        if (_random is null || _used == _random.Length)
        {
            RandomNumberGenerator.Fill(_random ??= new byte[AtOnce * RandomBytes]);
            _used = 0;
        }

        Span<byte> id = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(id, now.ToUnixTimeMilliseconds() << 16);
        _random.AsSpan(_used, RandomBytes).CopyTo(id[TimeBytes..]);
        _used += RandomBytes;
        id[Version] = (byte)(0x70 | (id[Version] & 0x0f));
        id[Variant] = (byte)(0x80 | (id[Variant] & 0x3f));
        return new(id, bigEndian: true);
    }
}
