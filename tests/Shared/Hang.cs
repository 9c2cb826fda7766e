namespace Agora.Tests;

/// <summary>How long a test waits for what must happen. Only a hang reaches it: no outcome depends on how fast the machine is.</summary>
internal static class Hang
{
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);
}
