using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Values;
using Agora.Core.Kernel;

namespace Agora.Web.Identity;

/// <summary>
/// Maps an issuer's subject (OpenID Connect Core 1.0 section 2: up to 255 ASCII characters, such as <c>auth0|5f7c</c> or an e-mail address) to an id, one to one. A subject that is an id stays as it is. Any other becomes <c>esc:</c> and
/// its bytes, with all but letters, digits, '.' and '-' written as <c>_HH</c> in hexadecimal. If that is too long for an id, it becomes <c>sha256:</c> and its hash. A subject that looks like a mapped one is mapped too.
/// </summary>
internal static class OwnerIds
{
    private const string Escaped = "esc:";
    private const string Hashed = "sha256:";

    public static string Of(string prefix, string said)
    {
        if (!IsMapped(said) && DisplayText.IsId($"{prefix}{said}")) return $"{prefix}{said}";

        var bytes = Encoding.UTF8.GetBytes(said);
        var escaped = new StringBuilder(prefix).Append(Escaped);
        foreach (var one in bytes)
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'.' or (byte)'-')
            {
                escaped.Append((char)one);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"_{one:X2}");
            }
        }

        return escaped.Length <= Limits.IdLength ? escaped.ToString() : $"{prefix}{Hashed}{Convert.ToHexStringLower(SHA256.HashData(bytes))}";
    }

    private static bool IsMapped(string said) => said.StartsWith(Escaped, StringComparison.Ordinal) || said.StartsWith(Hashed, StringComparison.Ordinal);
}
