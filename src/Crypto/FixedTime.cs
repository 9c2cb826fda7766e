using System.Security.Cryptography;
using System.Text;

namespace Agora.Crypto;

/// <summary>Comparisons whose time says nothing about where two texts differ.</summary>
public static class FixedTime
{
    public static bool AreEqual(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
