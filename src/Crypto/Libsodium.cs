using NSec.Cryptography;

namespace Agora.Crypto;

/// <summary>Whether libsodium, which NSec's package brings for each platform that it names, can be loaded here.</summary>
internal static class Libsodium
{
    /// <summary>Null if it can. Else one line that says what to install.</summary>
    public static string? Missing { get; } = Load();

    private static string? Load()
    {
        try
        {
            using var key = Key.Create(SignatureAlgorithm.Ed25519);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or PlatformNotSupportedException or TypeInitializationException)
        {
            return "libsodium, which signs receipts and checkpoints, cannot be loaded. It comes with Agora for Linux, macOS and Windows on x64 and arm64; Windows also needs the Visual C++ Redistributable.";
        }
    }
}
