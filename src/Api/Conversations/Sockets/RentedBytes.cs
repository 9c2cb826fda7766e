using System.Buffers;

namespace Agora.Api.Conversations.Sockets;

/// <summary>
/// Bytes of a pool that grow while they are read into. Disposing gives them back, once however they were left: the pool is the process's,
/// and an array that is given back twice is rented to two owners, who then read each other's bytes.
/// </summary>
internal sealed class RentedBytes(int first) : IDisposable
{
    private byte[] _array = ArrayPool<byte>.Shared.Rent(first);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _array.AsMemory(0, Length);

    /// <summary>Room for at least one byte behind what is written.</summary>
    public Memory<byte> Room()
    {
        if (Length == _array.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * Length);
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }

        return _array.AsMemory(Length);
    }

    public void Advance(int count) => Length += count;

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_array);
        (_array, Length) = ([], 0);
    }
}
