using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Agora.Benchmarks.Load;

/// <summary>Which of many sockets can be read, asked by one thread (epoll(7), level-triggered). .NET's own asynchronous sockets hand each answer to another thread, which would cost the machine more than the answer itself.</summary>
internal sealed partial class Epoll : IDisposable
{
    private const int Add = 1;
    private const int Readable = 1;

    // struct epoll_event is packed on x86-64, and only there.
    private static readonly int Size = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private readonly int _descriptor = Checked(Create(0));
    private readonly byte[] _ready;

    public Epoll(int most) => _ready = new byte[most * Size];

    public void Watch(nint socket, int number)
    {
        var entry = new byte[Size];
        BinaryPrimitives.WriteInt32LittleEndian(entry, Readable);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(Size - 8), number);
        Checked(Control(_descriptor, Add, (int)socket, entry));
    }

    /// <summary>How many are readable; <see cref="Number"/> tells which. 0: none within the time.</summary>
    public int Wait(TimeSpan atMost)
    {
        var ready = Wait(_descriptor, _ready, _ready.Length / Size, (int)atMost.TotalMilliseconds);
        return ready >= 0 ? ready : Marshal.GetLastPInvokeError() == Interrupted ? Wait(atMost) : Checked(ready);
    }

    public int Number(int at) => BinaryPrimitives.ReadInt32LittleEndian(_ready.AsSpan((at * Size) + Size - 8));

    public void Dispose() => Checked(Close(_descriptor));

    private const int Interrupted = 4;

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int epoll, int operation, int descriptor, byte[] entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(int epoll, byte[] ready, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
