using System.Reflection;
using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>A rejection that always says the same is a property, and one that depends on facts is a method: no caller has to look which it is.</summary>
public sealed class RejectionDeclarationTests
{
    [Fact]
    public void A_rejection_without_facts_is_a_property()
    {
        var methods = typeof(Rejection).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Rejection", StringComparison.Ordinal))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.ReturnType == typeof(Rejection) && !method.IsSpecialName)
            .ToList();

        Assert.NotEmpty(methods);
        Assert.DoesNotContain(methods, method => method.GetParameters().Length == 0);
    }

    [Fact]
    public void None_is_missing_because_of_the_order_in_which_they_are_declared()
    {
        var properties = typeof(Rejection).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Rejection", StringComparison.Ordinal))
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(property => property.PropertyType == typeof(Rejection))
            .ToList();

        Assert.NotEmpty(properties);
        Assert.All(properties, property => Assert.NotNull(property.GetValue(null)));
    }
}
