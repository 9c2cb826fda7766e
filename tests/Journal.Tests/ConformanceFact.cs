using Xunit.Abstractions;
using Xunit.Sdk;

namespace Agora.Journal.Tests;

/// <summary>A test of the shared suite. In a class whose store cannot be had on this machine it is skipped by name.</summary>
[XunitTestCaseDiscoverer("Agora.Journal.Tests.ConformanceFactDiscoverer", "Agora.Journal.Tests")]
public sealed class ConformanceFactAttribute : FactAttribute;

[XunitTestCaseDiscoverer("Agora.Journal.Tests.ConformanceTheoryDiscoverer", "Agora.Journal.Tests")]
public sealed class ConformanceTheoryAttribute : TheoryAttribute;

/// <summary>On a class of the suite: what its store needs; says in <see cref="Missing"/> why it cannot be had, if so.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class NeedsAttribute : Attribute
{
    public abstract string? Missing { get; }
}

public sealed class ConformanceFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        Skipped.IfMissing(DiagnosticMessageSink, discoveryOptions, testMethod) ?? base.Discover(discoveryOptions, testMethod, factAttribute);
}

public sealed class ConformanceTheoryDiscoverer(IMessageSink sink) : TheoryDiscoverer(sink)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        Skipped.IfMissing(DiagnosticMessageSink, discoveryOptions, testMethod) ?? base.Discover(discoveryOptions, testMethod, theoryAttribute);
}

internal static class Skipped
{
    public static IEnumerable<IXunitTestCase>? IfMissing(IMessageSink sink, ITestFrameworkDiscoveryOptions options, ITestMethod test) =>
        ((IReflectionTypeInfo)test.TestClass.Class).Type.GetCustomAttributes(inherit: true).OfType<NeedsAttribute>().FirstOrDefault()?.Missing is { } missing
            ? [new XunitSkippedDataRowTestCase(sink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), test, missing)]
            : null;
}
