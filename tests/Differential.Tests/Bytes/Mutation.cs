using System.Text;

namespace Agora.Differential.Tests.Bytes;

/// <summary>What a decoder is given: bytes that begin as a good input and are bent a few times, or bytes at random; and as text, in which half a surrogate pair may stand.</summary>
internal sealed class Mutation(int seed)
{
    private const int MostBytes = 16 * 1024;
    private static readonly string[] Words = ["[", "{\"a\":", "\\ud800", "\"", "null", "-0", "1e999", "99999999999999999999", "\0", ",", ":", "=", ".", ";", "\u2028", "😀", "true", "  ", "\"n\":1,"];

    private readonly Random _random = new(seed);

    public bool OneIn(int n) => _random.Next(n) == 0;

    public int Below(int bound) => _random.Next(bound);

    public byte[] Of(IReadOnlyList<byte[]> samples)
    {
        var bytes = OneIn(12) ? Any(_random.Next(200)) : [.. samples[_random.Next(samples.Count)]];
        for (var times = _random.Next(4); times > 0; times--) bytes = Bent(bytes, samples);
        return bytes.Length <= MostBytes ? bytes : bytes[..MostBytes];
    }

    /// <summary>Of bytes that stand for a text.</summary>
    public string Text(byte[] bytes)
    {
        var text = OneIn(3) ? Encoding.Latin1.GetString(bytes) : Encoding.UTF8.GetString(bytes);
        return OneIn(6) ? text.Insert(_random.Next(text.Length + 1), OneIn(2) ? "\ud83d" : "\ude00") : text;
    }

    private byte[] Bent(byte[] bytes, IReadOnlyList<byte[]> samples)
    {
        var (from, to) = (_random.Next(bytes.Length + 1), _random.Next(bytes.Length + 1));
        (from, to) = (Math.Min(from, to), Math.Max(from, to));
        switch (_random.Next(9))
        {
            case 0 when bytes.Length > 0:
                bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1 when bytes.Length > 0:
                bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
                return bytes;
            case 2: return bytes[..from];
            case 3: return [.. bytes[..from], .. bytes[to..]];
            case 4: return [.. bytes[..to], .. bytes[from..]];
            case 5: return [.. bytes[..from], .. Any(_random.Next(9)), .. bytes[from..]];
            case 6: return [.. bytes[..from], .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Words[_random.Next(Words.Length)], OneIn(20) ? 2_000 : 1 + _random.Next(3)))), .. bytes[from..]];
            case 7 when bytes.Length >= sizeof(int):
                BitConverter.TryWriteBytes(bytes.AsSpan(_random.Next(bytes.Length - sizeof(int) + 1)), OneIn(2) ? int.MaxValue - _random.Next(9) : _random.Next(-9, 1_000));
                return bytes;
            default: return [.. bytes[..from], .. samples[_random.Next(samples.Count)].Skip(to)];
        }
    }

    private byte[] Any(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
