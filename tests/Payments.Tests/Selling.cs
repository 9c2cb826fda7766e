using Agora.X402;

namespace Agora.Payments.Tests;

/// <summary>What the tests are paid with.</summary>
internal static class Selling
{
    public static readonly PaymentTerms Terms = new(
        "eip155:84532", "0x036CbD53842c5426634e7929541eC2318f3dCF7e", "0x209693Bc6afc0C5328bA36FaF03C514EF312287C", "USDC", "2", 6);
}
