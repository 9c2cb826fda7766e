using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Agora.Benchmarks.Load;

/// <summary>Becomes readable so many times a second (timerfd_create(2)); epoll's own timeout counts whole milliseconds, which is more than what is measured.</summary>
internal sealed partial class Pace : IDisposable
{
    private const int Monotonic = 1;
    private const int Expirations = sizeof(long);
    private const int Nanoseconds = 1_000_000_000;
    private readonly int _descriptor = Checked(Create(Monotonic, 0));
    private readonly byte[] _read = new byte[Expirations];

    public nint Descriptor => _descriptor;

    public void Start(int perSecond) => Every(Nanoseconds / perSecond);

    public void Stop() => Every(0);

    /// <summary>So that it is not readable any more until the next time.</summary>
    public void Take() => Checked((int)Read(_descriptor, _read, Expirations));

    public void Dispose() => Checked(Close(_descriptor));

    // struct itimerspec: interval, then first expiry, each in seconds and nanoseconds.
    private void Every(long nanoseconds)
    {
        var setting = new byte[4 * sizeof(long)];
        foreach (var at in new[] { 0, 2 })
        {
            BinaryPrimitives.WriteInt64LittleEndian(setting.AsSpan(at * sizeof(long)), nanoseconds / Nanoseconds);
            BinaryPrimitives.WriteInt64LittleEndian(setting.AsSpan((at + 1) * sizeof(long)), nanoseconds % Nanoseconds);
        }

        Checked(Set(_descriptor, 0, setting, 0));
    }

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    private static partial int Create(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime", SetLastError = true)]
    private static partial int Set(int timer, int flags, byte[] setting, nint before);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte[] buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
