using System.Reflection;
using System.Runtime.InteropServices;

namespace Agora.Crypto;

/// <summary>
/// The few functions of OpenSSL 3's libcrypto that are used here; .NET itself needs the same library on Linux, so nothing is added to a
/// machine. Handles are reference counted by the marshaller: no key is freed while a call uses it. Contexts live within one call of ours.
/// </summary>
internal static partial class LibCrypto
{
    public const int Ed25519 = 1087; // EVP_PKEY_ED25519 = NID_ED25519
    public const int X25519 = 1034; // EVP_PKEY_X25519 = NID_X25519
    public const int Success = 1;

    private const string Name = "libcrypto";

    static LibCrypto() => NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, static (name, assembly, path) => name == Name ? Find() : IntPtr.Zero);

    private static string[] Names =>
        OperatingSystem.IsWindows() ? ["libcrypto-3-x64.dll", "libcrypto-3-arm64.dll", "libcrypto-3.dll"]
        : OperatingSystem.IsMacOS() ? ["libcrypto.3.dylib", "/opt/homebrew/opt/openssl@3/lib/libcrypto.3.dylib", "/usr/local/opt/openssl@3/lib/libcrypto.3.dylib"]
        : ["libcrypto.so.3"];

    /// <summary>Null, or one line that says what to install.</summary>
    public static string? Missing { get; } = Find() == IntPtr.Zero ? $"OpenSSL 3 is missing: {Names[0]}, which signs receipts and checkpoints, cannot be loaded." : null;

    [LibraryImport(Name)]
    public static partial KeyHandle EVP_PKEY_new_raw_private_key(int type, IntPtr engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Name)]
    public static partial KeyHandle EVP_PKEY_new_raw_public_key(int type, IntPtr engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Name)]
    public static partial int EVP_PKEY_get_raw_public_key(KeyHandle key, Span<byte> into, ref nuint length);

    [LibraryImport(Name)]
    public static partial void EVP_PKEY_free(IntPtr key);

    [LibraryImport(Name)]
    public static partial ContextHandle EVP_MD_CTX_new();

    [LibraryImport(Name)]
    public static partial void EVP_MD_CTX_free(IntPtr context);

    [LibraryImport(Name)]
    public static partial int EVP_DigestSignInit(ContextHandle context, IntPtr keyContext, IntPtr digest, IntPtr engine, KeyHandle key);

    [LibraryImport(Name)]
    public static partial int EVP_DigestSign(ContextHandle context, Span<byte> signature, ref nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    [LibraryImport(Name)]
    public static partial int EVP_DigestVerifyInit(ContextHandle context, IntPtr keyContext, IntPtr digest, IntPtr engine, KeyHandle key);

    [LibraryImport(Name)]
    public static partial int EVP_DigestVerify(ContextHandle context, ReadOnlySpan<byte> signature, nuint signatureLength, ReadOnlySpan<byte> message, nuint length);

    [LibraryImport(Name)]
    public static partial KeyContextHandle EVP_PKEY_CTX_new(KeyHandle key, IntPtr engine);

    [LibraryImport(Name)]
    public static partial void EVP_PKEY_CTX_free(IntPtr context);

    [LibraryImport(Name)]
    public static partial int EVP_PKEY_derive_init(KeyContextHandle context);

    [LibraryImport(Name)]
    public static partial int EVP_PKEY_derive_set_peer(KeyContextHandle context, KeyHandle peer);

    [LibraryImport(Name)]
    public static partial int EVP_PKEY_derive(KeyContextHandle context, Span<byte> secret, ref nuint length);

    /// <summary>What fails leaves an entry in this thread's queue, which others who use the library, .NET among them, would take for theirs.</summary>
    [LibraryImport(Name)]
    public static partial void ERR_clear_error();

    private static IntPtr Find()
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, Assembly.GetExecutingAssembly(), DllImportSearchPath.SafeDirectories, out var handle)) return handle;
        }

        return IntPtr.Zero;
    }

    /// <summary>An EVP_PKEY.</summary>
    public sealed class KeyHandle() : SafeHandle(IntPtr.Zero, ownsHandle: true)
    {
        public override bool IsInvalid => handle == IntPtr.Zero;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    /// <summary>An EVP_MD_CTX.</summary>
    public sealed class ContextHandle() : SafeHandle(IntPtr.Zero, ownsHandle: true)
    {
        public override bool IsInvalid => handle == IntPtr.Zero;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }

    /// <summary>An EVP_PKEY_CTX.</summary>
    public sealed class KeyContextHandle() : SafeHandle(IntPtr.Zero, ownsHandle: true)
    {
        public override bool IsInvalid => handle == IntPtr.Zero;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_CTX_free(handle);
            return true;
        }
    }
}
