using System.Numerics;
using System.Text;

namespace Agora.Samples.Facilitator.Signatures;

/// <summary>What a payer signs: the hash (EIP-712) of a TransferWithAuthorization (EIP-3009) for one token on one chain.</summary>
internal static class TypedData
{
    private static readonly byte[] DomainType = Hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    private static readonly byte[] TransferType = Hash(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)");

    public static byte[] HashOf(Domain domain, Transfer transfer) => Digest(
        Struct(DomainType, Hash(domain.Name), Hash(domain.Version), Word(domain.ChainId), Word(domain.VerifyingContract)),
        Struct(TransferType, Word(transfer.From), Word(transfer.To), Word(transfer.Value), Word(transfer.ValidAfter), Word(transfer.ValidBefore), transfer.Nonce));

    /// <summary>The two bytes keep what is signed apart from every transaction.</summary>
    public static byte[] Digest(byte[] domain, byte[] message) => Keccak256.Hash([0x19, 0x01, .. domain, .. message]);

    public static byte[] Struct(params byte[][] words) => Keccak256.Hash([.. words.SelectMany(word => word)]);

    public static byte[] Hash(string text) => Keccak256.Hash(Encoding.UTF8.GetBytes(text));

    public static byte[] Word(string address) => [.. new byte[12], .. Convert.FromHexString(address[2..])];

    public static byte[] Word(BigInteger number)
    {
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }
}

/// <summary>The token that a signature is for.</summary>
internal sealed record Domain(string Name, string Version, BigInteger ChainId, string VerifyingContract);

/// <summary>Addresses are 0x and 40 hexadecimal digits, numbers uint256, the nonce 32 bytes.</summary>
internal sealed record Transfer(string From, string To, BigInteger Value, BigInteger ValidAfter, BigInteger ValidBefore, byte[] Nonce);
