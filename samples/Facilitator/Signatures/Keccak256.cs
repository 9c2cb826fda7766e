using System.Buffers.Binary;
using System.Numerics;

namespace Agora.Samples.Facilitator.Signatures;

/// <summary>
/// Keccak-256 as Ethereum uses it: the original padding, not the one of SHA3-256, which is all that .NET has.
/// Source: the Keccak reference, https://keccak.team/keccak_specs_summary.html.
/// </summary>
internal static class Keccak256
{
    private const int Rounds = 24;
    private const int RateBytes = 136;
    private const int HashBytes = 32;

    private static readonly ulong[] RoundConstants = Constants();

    public static byte[] Hash(ReadOnlySpan<byte> message)
    {
        var padded = new byte[(message.Length / RateBytes + 1) * RateBytes];
        message.CopyTo(padded);
        padded[message.Length] ^= 0x01;
        padded[^1] ^= 0x80;

        var state = new ulong[25];
        for (var block = 0; block < padded.Length; block += RateBytes)
        {
            for (var lane = 0; lane < RateBytes / 8; lane++)
                state[lane] ^= BinaryPrimitives.ReadUInt64LittleEndian(padded.AsSpan(block + lane * 8));
            Permute(state);
        }

        var hash = new byte[HashBytes];
        for (var lane = 0; lane < HashBytes / 8; lane++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(lane * 8), state[lane]);
        return hash;
    }

    private static void Permute(ulong[] a)
    {
        var columns = new ulong[5];
        var row = new ulong[5];
        for (var round = 0; round < Rounds; round++)
        {
            // Theta
            for (var x = 0; x < 5; x++)
                columns[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
            for (var i = 0; i < 25; i++)
                a[i] ^= columns[(i + 4) % 5] ^ BitOperations.RotateLeft(columns[(i + 1) % 5], 1);

            // Rho and pi: along one path through all lanes but the first, each moves on, turned further.
            var (at, carried) = ((X: 1, Y: 0), a[1]);
            for (var t = 0; t < 24; t++)
            {
                at = (at.Y, (2 * at.X + 3 * at.Y) % 5);
                var index = at.X + 5 * at.Y;
                (carried, a[index]) = (a[index], BitOperations.RotateLeft(carried, (t + 1) * (t + 2) / 2 % 64));
            }

            // Chi
            for (var y = 0; y < 25; y += 5)
            {
                Array.Copy(a, y, row, 0, 5);
                for (var x = 0; x < 5; x++)
                    a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
            }

            // Iota
            a[0] ^= RoundConstants[round];
        }
    }

    // Bits 2ʲ−1 of each constant come from a linear feedback shift register.
    private static ulong[] Constants()
    {
        var constants = new ulong[Rounds];
        var register = 1u;
        for (var round = 0; round < Rounds; round++)
            for (var j = 0; j < 7; j++)
            {
                if ((register & 1) != 0)
                    constants[round] |= 1ul << ((1 << j) - 1);
                register <<= 1;
                if ((register & 0x100) != 0)
                    register ^= 0x171;
            }
        return constants;
    }
}
